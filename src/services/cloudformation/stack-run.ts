import type { SecretBox } from "../../store/secret-box.ts";
import type { ResourceProvider } from "./resource-provider.ts";
import type { StackRecorder } from "./stack-recorder.ts";

/** What an operation on one stack works with, from its begin to its end. */
export interface StackRun {
  recorder: StackRecorder;
  secretBox: SecretBox;
  findProvider(type: string): ResourceProvider | undefined;
  /** Whether the stack's deletion has been asked for meanwhile: then no further resource is made. */
  isCancelled(): boolean;
  now(): Date;
  newUuid(): string;
  onDefect(error: unknown): void;
}
