import type { ParameterMetadata } from "../template/resolve-parameters.ts";
import { Interruption } from "./report-error.ts";
import type { ProcessView } from "./terminal.ts";

/** Asks a person for parameters; NoEcho ones with hidden input. Throws Interruption where the person breaks off. */
export async function askParameters(
  parameters: readonly ParameterMetadata[],
  process: ProcessView,
): Promise<Record<string, string>> {
  const { isCancel, password, text } = await import("@clack/prompts");
  const answers: Record<string, string> = {};
  for (const { name, noEcho, description } of parameters) {
    const message = description === undefined ? name : `${name} (${description})`;
    const streams = { input: process.stdin as never, output: process.stderr as never };
    const answer = noEcho ? await password({ message, ...streams }) : await text({ message, ...streams });
    if (isCancel(answer)) throw new Interruption("interrupted; nothing was made");
    answers[name] = answer ?? "";
  }
  return answers;
}
