import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEnvironment } from "./environment.ts";

/**
 * Puts CodeBuild's own programs where the build's commands find them, behind all else, and returns their PATH. Scripts for a
 * POSIX shell run on this machine and in any image.
 */
export function installPrograms(
  environment: BuildEnvironment,
  path: string,
  programs: Readonly<Record<string, string>>,
): string {
  const directory = join(environment.local.temporaryDirectory, "bin");
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(directory, name), text, { mode: 0o755 });
  return `${path}:${environment.temporaryDirectory}/bin`;
}
