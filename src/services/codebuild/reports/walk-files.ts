import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface FoundFile {
  /** Relative to the root, with `/`. */
  name: string;
  path: string;
}

/** All regular files below a directory. Links are not followed: they could lead anywhere, or in a circle. */
export async function* walkFiles(root: string, prefix = ""): AsyncGenerator<FoundFile> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return [];
    throw error;
  });
  for (const entry of entries) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFiles(root, name);
    else if (entry.isFile()) yield { name, path: join(root, name) };
  }
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}
