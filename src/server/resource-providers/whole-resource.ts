import { AwsError } from "../../aws-api/aws-error.ts";

/** Runs the steps after a resource's creation. Where one fails, the resource goes again: half of it is not it. */
export async function completeResource(steps: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await steps();
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Succeeds where the resource is gone already; any other refusal goes on. */
export async function unlessGone(work: Promise<unknown>, ...names: string[]): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsError && names.includes(error.name))) throw error;
  }
}

/** A document that a template gives as JSON or as text. */
export function documentText(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

export interface Tag {
  Key: string;
  Value: string;
}
