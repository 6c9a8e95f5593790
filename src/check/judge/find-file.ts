import { posix } from "node:path";
import type { ReadFile } from "./repository.ts";

/** Finds files of the checked directory by the paths that its files name. */
export interface FileFinder {
  /**
   * `path` as `from` means it: relative to the root of its source. Where that root is, no file says: with a source for each
   * folder of a monorepo it is the nearest folder, up from the one of `from`, in which the path leads to a file; last the
   * folder that the user names as the source of builds.
   */
  findFile(path: string, from: ReadFile): ReadFile | undefined;
}

export function fileFinder(files: readonly ReadFile[], source?: string): FileFinder {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    findFile(path, from) {
      if (posix.isAbsolute(path)) return undefined;
      for (let folder = posix.dirname(from.path); ; folder = posix.dirname(folder)) {
        const file = byPath.get(posix.normalize(posix.join(folder, path)));
        if (file !== undefined) return file;
        if (folder === ".")
          return source === undefined ? undefined : byPath.get(posix.normalize(posix.join(source, path)));
      }
    },
  };
}
