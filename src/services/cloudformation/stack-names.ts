import { createHash } from "node:crypto";
import type { StackCaller } from "./stack.ts";

export function stackArn(name: string, { account, region }: StackCaller, uuid: string): string {
  return `arn:aws:cloudformation:${region}:${account}:stack/${name}/${uuid}`;
}

export function changeSetArn(name: string, { account, region }: StackCaller, uuid: string): string {
  return `arn:aws:cloudformation:${region}:${account}:changeSet/${name}/${uuid}`;
}

/**
 * `STACK-LOGICALID-XXXXXXXXXXXX`, at most 62 characters. The end follows from the stack's ID and the logical ID, so
 * that a repeated try makes the same name and another stack another one.
 */
export function generatedName(stackName: string, stackId: string, logicalId: string): string {
  const hash = createHash("sha256").update(`${stackId} ${logicalId}`).digest();
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const end = Array.from(hash.subarray(0, 12), (byte) => letters[byte % letters.length]).join("");
  return `${stackName.slice(0, 24)}-${logicalId.slice(0, 24)}-${end}`;
}
