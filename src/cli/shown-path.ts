import { relative, sep } from "node:path";

/** A path for people: from where they stand, if it lies below that. */
export function shownPath(path: string, currentDirectory: string): string {
  const way = relative(currentDirectory, path);
  return way === "" || way === ".." || way.startsWith(`..${sep}`) ? path : way;
}
