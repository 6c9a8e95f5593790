import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Copies a program of this machine into `directory` in such a form that it runs in a container of any image, whatever C
 * library that has: its loader and libraries come along.
 *
 *     DIRECTORY/lib/    the program, its loader, its libraries; to be at `libraryPath` in the container
 *     DIRECTORY/NAME    starts it there; a program without libraries itself
 *
 * Returns the path of the last.
 */
export async function copyPortably(file: string, directory: string, libraryPath: string): Promise<string> {
  const name = basename(file);
  const target = join(directory, name);
  const { loader, libraries } = await findLibraries(file);
  mkdirSync(join(directory, "lib"), { recursive: true });
  if (loader === undefined) {
    copyFileSync(file, target);
    return target;
  }
  for (const one of [file, loader, ...libraries]) copyFileSync(one, join(directory, "lib", basename(one)));
  const words = [`${libraryPath}/${basename(loader)}`, "--library-path", libraryPath, `${libraryPath}/${name}`];
  writeFileSync(target, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  return target;
}

/** By ldd, whose lines are `libc.so.6 => /lib/…/libc.so.6 (0x…)` and, for the loader, `/lib64/ld-… (0x…)`. */
async function findLibraries(file: string): Promise<{ loader?: string; libraries: string[] }> {
  const lines = (await runLdd(file)).split("\n");
  const loader = lines.map((line) => /^\s*(\/\S+) \(0x/.exec(line)?.[1]).find((path) => path !== undefined);
  const libraries = lines.map((line) => / => (\/\S+) \(0x/.exec(line)?.[1]).filter((path) => path !== undefined);
  return { ...(loader !== undefined && { loader }), libraries };
}

/** Empty for a program without libraries: ldd ends with 1. */
function runLdd(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("ldd", [file], { timeout: 10_000 }, (error, stdout) => resolve(error === null ? stdout : ""));
  });
}
