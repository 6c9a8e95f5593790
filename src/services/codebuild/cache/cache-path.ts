import { posix } from "node:path";
import picomatch from "picomatch";

/** A path of the buildspec's cache block, below one of the roots that a stage links to. */
export interface CachePath {
  /** As written, with its variables replaced. */
  text: string;
  root: "source" | "home" | "root";
  /** Below the root: where a search begins. "" for all of it. */
  base: string;
  matches(name: string): boolean;
  /** The path names one directory with all that is in it. */
  isDirectory: boolean;
}

export interface CacheRoots {
  sourceDirectory: string;
  home: string;
  /** On this machine itself nothing but the build's own directories is a root. */
  isHost: boolean;
}

/** HOME of a build on AWS. */
const awsHome = "/root";

/** Undefined for a path outside of the build's directories, where it may not be read or written. */
export function parseCachePath(text: string, { sourceDirectory, home, isHost }: CacheRoots): CachePath | undefined {
  const isBelow = (directory: string) => text === directory || text.startsWith(`${directory}/`);
  const below = (directory: string) => text.slice(directory.length + 1);
  if (!text.startsWith("/")) return text.startsWith("~/") ? pathOf("home", text.slice(2)) : pathOf("source", text);
  if (isBelow(sourceDirectory)) return pathOf("source", below(sourceDirectory));
  if (isBelow(home)) return pathOf("home", below(home));
  if (isHost) return isBelow(awsHome) ? pathOf("home", below(awsHome)) : undefined;
  return pathOf("root", text.slice(1));

  function pathOf(root: CachePath["root"], written: string): CachePath | undefined {
    const pattern = posix.normalize(written).replace(/^\.\/|\/+$/g, "");
    if (pattern.split("/").includes("..")) return undefined;
    const base = picomatch.scan(pattern).base.replace(/^\.$/, "");
    const isMatch = picomatch(pattern === "" ? "**/*" : [pattern, `${pattern}/**`], { dot: true });
    const rest = pattern.slice(base.length).replace(/^\//, "");
    const isDirectory = ["", "*", "**", "**/*"].includes(rest);
    return { text, root, base, matches: isMatch, isDirectory };
  }
}
