import { Readable } from "node:stream";
import type { Fault } from "./fault.ts";
import { errorAnswer, type SimulatedAnswer, textAnswer } from "./simulated-answer.ts";
import { blobOf, type SimulatedBlob } from "./simulated-images.ts";

/** The answer that a fault gives in place of the registry's; undefined for faults that only change how it arrives. */
export function findReplacement(fault: Fault | undefined, ownUrl: string): SimulatedAnswer | undefined {
  switch (fault?.kind) {
    case "html":
      return {
        status: 200,
        headers: { "content-type": "text/html; charset=utf-8" },
        body: "<!doctype html><title>Sign in</title><p>Please sign in to use this network.\n",
      };
    case "status":
      return statusAnswer(fault.status, fault.retryAfter);
    case "redirect-loop":
      return { status: 307, headers: { location: ownUrl }, body: "" };
    case "redirect":
      return { status: 307, headers: { location: fault.to }, body: "" };
    default:
      return undefined;
  }
}

function statusAnswer(status: number, retryAfter: number | undefined): SimulatedAnswer {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  if (status === 429) return errorAnswer(429, "TOOMANYREQUESTS", "Too Many Requests", { headers });
  return textAnswer(status, `${status}\n`, headers);
}

/** The answer with the wrong content, for faults that are about content. */
export function spoilAnswer(answer: SimulatedAnswer, fault: Fault | undefined): SimulatedAnswer {
  if (fault?.kind !== "wrong-digest" && fault?.kind !== "wrong-length") return answer;
  const { body } = answer;
  const isBlob = typeof body !== "string" && !Buffer.isBuffer(body);
  if (fault.kind === "wrong-length") {
    return { ...answer, body: isBlob ? lengthened(body) : Buffer.concat([Buffer.from(body), Buffer.from("\n")]) };
  }
  return { ...answer, body: isBlob ? changed(body) : changeText(Buffer.from(body)) };
}

function lengthened(blob: SimulatedBlob): SimulatedBlob {
  return joined(blob, blobOf(Buffer.from("\n")));
}

function changed(blob: SimulatedBlob): SimulatedBlob {
  const first: SimulatedBlob = { size: blob.size - 1, read: blob.read };
  return joined(first, blobOf(Buffer.from("?")));
}

function joined(first: SimulatedBlob, second: SimulatedBlob): SimulatedBlob {
  async function* read(start: number, end: number): AsyncGenerator<Buffer> {
    if (start < first.size) yield* first.read(start, Math.min(end, first.size));
    if (end > first.size) yield* second.read(Math.max(0, start - first.size), end - first.size);
  }
  return { size: first.size + second.size, read: (start, end) => Readable.from(read(start, end)) };
}

/** JSON stays JSON: the last digit of the last digest in it becomes another one. */
function changeText(content: Buffer): Buffer {
  const digest = [...content.toString("latin1").matchAll(/[0-9a-f]{64}"/g)].at(-1);
  const place = digest === undefined ? content.length - 1 : digest.index + 63;
  const other = Buffer.from(content);
  other[place] = content[place] === 0x30 ? 0x31 : 0x30;
  return other;
}
