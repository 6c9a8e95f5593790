import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEnvironment } from "../environment/environment.ts";

/** Below the temporary directory. */
export const programDirectory = "bin";

/** Of an image that sets none; a PATH of ours alone would hide what its shell finds without one. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Makes programs of CodeBuild's own, name → script, where commands find them, on the host or in a container: last on PATH,
 * as on AWS. Returns that PATH.
 */
export function provideBuildPrograms(
  { temporaryDirectory, local }: BuildEnvironment,
  programs: Readonly<Record<string, string>>,
  path: string | undefined,
): string {
  const directory = join(local.temporaryDirectory, programDirectory);
  mkdirSync(directory, { mode: 0o755 });
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(directory, name), script, { mode: 0o755 });
  return `${path === undefined || path === "" ? defaultPath : path}:${temporaryDirectory}/${programDirectory}`;
}
