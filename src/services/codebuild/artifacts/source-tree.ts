import { isUtf8 } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface TreeEntry {
  /** Relative to the root, with `/`. */
  name: string;
  kind: "file" | "directory" | "link";
}

/** The path is the directory's own or below it; both without links. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/**
 * Everything below the root, not through links: a loop of them ends. Pipes, sockets and devices are left out, and so are
 * names that are no UTF-8 or hold a backslash, which a zip archive and S3 would give as other names; `onOddName` is told.
 */
export async function listTree(root: string, onOddName: (name: string) => void): Promise<TreeEntry[]> {
  const found: TreeEntry[] = [];
  const waiting = [""];
  for (let prefix = waiting.pop(); prefix !== undefined; prefix = waiting.pop()) {
    for (const entry of await readEntries(join(root, prefix))) {
      const bytes = entry.name;
      const name = `${prefix}${bytes.toString()}`;
      if (!isUtf8(bytes) || bytes.includes("\\")) onOddName(name);
      else if (entry.isDirectory()) {
        found.push({ name, kind: "directory" });
        waiting.push(`${name}/`);
      } else if (entry.isFile()) found.push({ name, kind: "file" });
      else if (entry.isSymbolicLink()) found.push({ name, kind: "link" });
    }
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function readEntries(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone meanwhile.
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** For a log line: a name with a line break would otherwise forge one. */
export function shownName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the log
  return /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(name) ? JSON.stringify(name) : name;
}
