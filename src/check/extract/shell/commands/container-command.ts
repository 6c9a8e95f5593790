import { type CommandLine, findOption } from "../options.ts";
import type { Surroundings } from "../run-command.ts";
import { type ShellValue, textOf } from "../shell-value.ts";
import type { SimpleCommand } from "../simple-command.ts";
import { runKaniko } from "./image-makers.ts";
import { runGrype, runTrivy } from "./scanners.ts";

interface ContainerRun {
  image: ShellValue;
  line: CommandLine;
  /** What follows the image. */
  inside: readonly ShellValue[];
}

/** Tools that pull out of their own container: `docker run aquasec/trivy image nginx`, kaniko's executor. */
export function runInContainer(
  command: SimpleCommand,
  { image, line, inside }: ContainerRun,
  around: Surroundings,
): void {
  if (findOption(line, "entrypoint") !== undefined) return;
  const name = textOf(image).replace(/(?::[^/]*|@.*)$/, "");
  const words = [image, ...inside];
  if (name.endsWith("/trivy")) runTrivy({ ...command, words }, around);
  else if (name.endsWith("anchore/grype")) runGrype({ ...command, words }, around);
  else if (name.includes("kaniko-project/executor")) runKaniko({ ...command, words }, around);
}
