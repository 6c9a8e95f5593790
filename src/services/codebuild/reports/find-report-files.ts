import { realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import picomatch from "picomatch";
import type { ReportBlock } from "../../../buildspec/buildspec.ts";
import { type FoundFile, isInside, walkFiles } from "./walk-files.ts";

const extensions: Readonly<Record<string, readonly string[]>> = {
  CUCUMBERJSON: [".json"],
  SIMPLECOV: [".json"],
  VISUALSTUDIOTRX: [".trx", ".xml"],
};

/**
 * The files of a report below the source directory, with the agent's log lines. `**` + `/*` in a directory of Surefire finds
 * texts beside the reports: what has another extension than its format's is taken only where it is called by its name.
 */
export async function findReportFiles(
  block: ReportBlock,
  sourceDirectory: string,
  log: (line: string) => void,
): Promise<FoundFile[]> {
  const baseDirectory = block.baseDirectory ?? ".";
  log(`Expanding base directory path: ${baseDirectory}`);
  log("Assembling file list");
  log(`Expanding ${baseDirectory}`);
  const found = new Map<string, FoundFile>();
  for (const base of await findBases(baseDirectory, sourceDirectory)) {
    log(`Expanding file paths for base directory ${relative(sourceDirectory, base) || "."}`);
    log("Assembling file list");
    const isFormat = (name: string) =>
      (extensions[block.fileFormat] ?? [".xml"]).some((end) => name.toLowerCase().endsWith(end));
    const patterns = block.files.map((pattern) => ({ pattern, plain: pattern.replace(/^\.\//, "") }));
    const matchers = patterns.map(({ plain }) => picomatch(plain, { dot: true }));
    for (const { pattern } of patterns) log(`Expanding ${pattern}`);
    for await (const file of walkFiles(base)) {
      const isNamed = patterns.some(({ plain }) => plain === file.name);
      const isMatch = matchers.some((matches) => matches(file.name)) && isFormat(file.name);
      if (!isNamed && !isMatch) continue;
      found.set(file.path, { ...file, name: block.discardPaths ? basename(file.name) : file.name });
    }
  }
  if (found.size > 0) log(`Found ${found.size} file(s)`);
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A base directory may be a pattern. One that leads out of the source directory, by `..` or a link, is none. */
async function findBases(pattern: string, sourceDirectory: string): Promise<string[]> {
  const root = await realpath(sourceDirectory);
  const directory = await realpath(join(root, pattern)).catch(() => undefined);
  if (directory !== undefined) return isInside(directory, root) ? [directory] : [];
  if (!picomatch.scan(pattern).isGlob) return [];
  const matches = picomatch(pattern.replace(/^\.\/|\/$/g, ""), { dot: true });
  const directories = new Set<string>();
  for await (const { name } of walkFiles(root)) {
    const parts = name.split("/");
    for (let length = 1; length < parts.length; length++) {
      const candidate = parts.slice(0, length).join("/");
      if (matches(candidate)) directories.add(join(root, candidate));
    }
  }
  return [...directories];
}
