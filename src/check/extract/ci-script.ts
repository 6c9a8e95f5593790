import type { BuildStep } from "../build-job.ts";
import type { MappedText } from "../mapped-text.ts";
import type { Findings } from "./findings.ts";
import { readShell } from "./shell/read-shell.ts";
import { constantVariables } from "./shell/shell-value.ts";

export interface ScriptContext {
  directory: string | undefined;
  variables: Readonly<Record<string, string>>;
}

/** What the commands of a job's step do with registries. An image that an earlier step has built is not pulled. */
export function readScript(
  source: MappedText,
  { directory, variables }: ScriptContext,
  findings: Findings,
): BuildStep[] {
  const { images, steps, notes, after } = readShell(source, {
    variables: constantVariables(variables),
    workingDirectory: directory,
    builtImages: findings.builtImages,
  });
  const added = new Map(images.map((image) => [image, findings.addImage(image)]));
  for (const name of after.builtImages ?? []) findings.builtImages.add(name);
  findings.notes.push(...notes);
  return steps.map((step) => (step.kind === "pull" ? { ...step, image: added.get(step.image) ?? step.image } : step));
}
