import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import picomatch from "picomatch";
import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import { PhaseFailure } from "../run/phase-failure.ts";

export interface ArtifactFile {
  /** Path in the artifact. */
  name: string;
  /** File to read. */
  path: string;
  mode: number;
}

/**
 * Finds the files of an artifacts block below the source directory, and writes the agent's log lines.
 * Links and patterns that lead out of the source directory are passed over with a line of their own.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts
 */
export async function collectArtifacts(
  block: ArtifactsBlock,
  sourceDirectory: string,
  log: (line: string) => void,
): Promise<ArtifactFile[]> {
  const baseDirectory = block.baseDirectory ?? ".";
  log(`Expanding base directory path: ${baseDirectory}`);
  log("Assembling file list");
  log(`Expanding ${baseDirectory}`);
  const found = new Map<string, ArtifactFile>();
  for (const base of await findBaseDirectories(sourceDirectory, baseDirectory)) {
    log(`Expanding file paths for base directory ${relative(sourceDirectory, base) || "."}`);
    log("Assembling file list");
    for (const file of await findFiles(block, base, sourceDirectory, log)) {
      const name = block.discardPaths ? basename(file.name) : file.name;
      found.set(name, { ...file, name });
    }
  }
  if (found.size === 0) throw new PhaseFailure("CLIENT_ERROR", "no matching artifact paths found");
  log(`Found ${found.size} file(s)`);
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function findBaseDirectories(sourceDirectory: string, pattern: string): Promise<string[]> {
  const root = join(sourceDirectory, pattern);
  if (!picomatch.scan(pattern).isGlob) return isInside(root, sourceDirectory) ? [root] : [];
  const matches = picomatch(pattern, { dot: true });
  const directories = (await listTree(sourceDirectory)).filter(({ isDirectory }) => isDirectory);
  return directories.filter(({ name }) => matches(name)).map(({ name }) => join(sourceDirectory, name));
}

async function findFiles(
  block: ArtifactsBlock,
  base: string,
  sourceDirectory: string,
  log: (line: string) => void,
): Promise<ArtifactFile[]> {
  const tree = (await listTree(base)).filter(({ isDirectory }) => !isDirectory);
  const excluded = block.excludePaths.map((pattern) => picomatch(pattern, { dot: true }));
  const chosen: ArtifactFile[] = [];
  for (const pattern of block.files) {
    log(`Expanding ${pattern}`);
    const plain = pattern.replace(/^\.\//, "");
    const isMatch = picomatch(plain, { dot: true });
    // A name such as `[id].html` reads as a pattern, and means itself as well.
    const chosenNames = tree.filter(({ name }) => name === plain || isMatch(name));
    const matching = chosenNames.filter(({ name }) => !excluded.some((excludes) => excludes(name)));
    if (matching.length === 0 && !picomatch.scan(pattern).isGlob) log(`Skipping invalid file path ${pattern}`);
    for (const { name } of matching) {
      const path = join(base, name);
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined || !isInside(target, await realpath(sourceDirectory))) {
        log(`Skipping ${name}: it leads out of the source directory`);
        continue;
      }
      const status = await lstat(target);
      if (status.isFile()) chosen.push({ name, path: target, mode: status.mode });
    }
  }
  return chosen;
}

function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/** Names relative to the root, with `/`. A link is a file here, so that a loop of links ends. */
async function listTree(root: string, prefix = ""): Promise<{ name: string; isDirectory: boolean }[]> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  const found: { name: string; isDirectory: boolean }[] = [];
  for (const entry of entries) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    found.push({ name, isDirectory: entry.isDirectory() });
    if (entry.isDirectory()) found.push(...(await listTree(root, name)));
  }
  return found;
}
