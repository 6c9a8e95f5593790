import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ignore, { type Ignore } from "ignore";

/** What was passed over, and why: an unreadable folder, a symbolic link. */
export interface PassedOver {
  path: string;
  reason: string;
}

/** `node_modules` is passed over also where nobody has ignored it: what is in it is not this repository's to mend. */
const passedFolders = new Set([".git", ".hg", ".svn", "node_modules", ".terraform", ".chubo"]);

/**
 * The paths of all files below `root`, relative to it and with `/`, less what `.gitignore` files leave out: those of the
 * folders on the way, and of the folders above up to the one that holds `.git`. Symbolic links are not followed: what
 * they lead to inside of the root is found there, and they may run in circles. https://git-scm.com/docs/gitignore
 */
export function walkFiles(root: string, onPassedOver: (passed: PassedOver) => void): string[] {
  const paths: string[] = [];
  const open: OpenFolder[] = [{ prefix: "", outer: readOuterRules(root) }];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const { prefix } = folder;
    const entries = readFolder(root, prefix, onPassedOver);
    const rules = rulesIn(root, folder, entries);
    for (const entry of entries) {
      const path = prefix + entry.name;
      if (isLeftOut(entry, path, rules)) continue;
      if (entry.isFile()) paths.push(path);
      else if (entry.isDirectory()) open.push({ prefix: `${path}/`, outer: rules });
      else onPassedOver({ path, reason: entry.isSymbolicLink() ? "a symbolic link is not followed" : noRegularFile });
    }
  }
  return paths.sort();
}

/** A FIFO, a socket, a device. */
export const noRegularFile = "no regular file";

interface OpenFolder {
  /** Its path with a `/` at the end; empty for the root. */
  prefix: string;
  outer: readonly IgnoreRules[];
}

function readFolder(root: string, prefix: string, onPassedOver: (passed: PassedOver) => void): Dirent[] {
  try {
    return readdirSync(join(root, prefix), { withFileTypes: true });
  } catch (error) {
    onPassedOver({ path: prefix === "" ? "." : prefix, reason: unreadableReason(error) });
    return [];
  }
}

function rulesIn(root: string, { prefix, outer }: OpenFolder, entries: readonly Dirent[]): readonly IgnoreRules[] {
  const hasRules = entries.some((entry) => entry.name === ".gitignore" && entry.isFile());
  return hasRules ? [...outer, readRules(join(root, prefix, ".gitignore"), prefix)] : outer;
}

function isLeftOut(entry: Dirent, path: string, rules: readonly IgnoreRules[]): boolean {
  if (!entry.isDirectory()) return isIgnored(path, rules);
  return passedFolders.has(entry.name) || isIgnored(`${path}/`, rules);
}

/** The rules of one `.gitignore`, for paths below its folder. */
interface IgnoreRules {
  matcher: Ignore;
  /** What stands before a path that is relative to the root, or is cut from it. */
  prefix: string;
  outerPath: string;
}

/** A rule of a deeper folder goes before one of a folder above. */
function isIgnored(path: string, rules: readonly IgnoreRules[]): boolean {
  for (const { matcher, prefix, outerPath } of rules.toReversed()) {
    const { ignored, unignored } = matcher.test(outerPath + path.slice(prefix.length));
    if (ignored || unignored) return ignored;
  }
  return false;
}

function readRules(file: string, prefix: string, outerPath = ""): IgnoreRules {
  const matcher = ignore();
  try {
    matcher.add(readFileSync(file, "utf8"));
  } catch {
    // An unreadable one leaves nothing out.
  }
  return { matcher, prefix, outerPath };
}

/** Those of the folders above, where the root is inside of a working tree. */
function readOuterRules(root: string): IgnoreRules[] {
  const rules: IgnoreRules[] = [];
  let below = "";
  for (let folder = root; !existsSync(join(folder, ".git")); ) {
    const parent = dirname(folder);
    // No working tree: the files above are nobody's.
    if (parent === folder) return [];
    below = posix.join(folder.slice(parent.length).replace(/^[\\/]/, ""), below);
    folder = parent;
    const file = join(folder, ".gitignore");
    if (isFile(file)) rules.unshift(readRules(file, "", `${below.replace(/\/$/, "")}/`));
  }
  return rules;
}

export function unreadableReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  return `cannot be read (${code ?? error})`;
}

/** There, and not a FIFO, which would keep its reader waiting. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
