import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEnvironment } from "../../environment/environment.ts";
import { globSearchScript } from "./glob-search-script.ts";
import { testsRunScript } from "./tests-run-script.ts";

/**
 * Puts the programs that builds on AWS find last on their PATH where the commands see them, host or container, and returns
 * the variables with that PATH.
 */
export function provideTestPrograms(
  { temporaryDirectory, local }: BuildEnvironment,
  variables: Record<string, string>,
): Record<string, string> {
  const directory = join(local.temporaryDirectory, "bin");
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(join(directory, "codebuild-glob-search"), globSearchScript, { mode: 0o755 });
  writeFileSync(join(directory, "codebuild-tests-run"), testsRunScript, { mode: 0o755 });
  const { PATH } = variables;
  // An image that says nothing of PATH has its shell's own, which a PATH of ours would hide.
  const before =
    PATH === undefined || PATH === "" ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : PATH;
  return { ...variables, PATH: `${before}:${temporaryDirectory}/bin` };
}
