import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type ReadRepository, readRepository } from "../check/read-repository.ts";
import { UsageError } from "../usage-error.ts";
import type { ProcessView } from "./terminal.ts";

/** What `chubo check` and `chubo fix` are given to read. Throws UsageError CHECK_PATH. */
export function openRepository(
  path: string,
  source: string | undefined,
  { currentDirectory }: ProcessView,
): ReadRepository {
  const root = resolve(currentDirectory, path);
  if (source === undefined) return readRepository(root);
  const folder = resolve(currentDirectory, source);
  const below = relative(root, folder);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder || /^\.\.(?:\/|$)/.test(below)) {
    throw new UsageError("CHECK_PATH", `--source is no folder in ${path}: ${source}`, {
      hint: "give a directory that holds the templates and their source",
    });
  }
  return readRepository(root, { source: below });
}
