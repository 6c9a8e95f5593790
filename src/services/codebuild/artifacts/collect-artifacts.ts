import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import picomatch from "picomatch";
import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { isInside, listTree, shownName, type TreeEntry } from "./source-tree.ts";

export interface ArtifactFile {
  /** Path in the artifact. */
  name: string;
  /** File to read, without links. */
  path: string;
  /** The file is a symbolic link, to be kept as one. */
  linkTarget?: string;
}

export interface CollectOptions {
  /** `enable-symlinks` counts for archives only. */
  keepsLinks: boolean;
  log(line: string): void;
}

/**
 * Finds the files of an artifacts block below the source directory, and writes the agent's log lines. Links and patterns that
 * lead out of the source directory are passed over with a line of their own.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts
 */
export async function collectArtifacts(
  block: ArtifactsBlock,
  sourceDirectory: string,
  { log, keepsLinks }: CollectOptions,
): Promise<ArtifactFile[]> {
  const root = await realpath(sourceDirectory);
  const baseDirectory = block.baseDirectory ?? ".";
  log(`Expanding base directory path: ${baseDirectory}`);
  log("Assembling file list");
  log(`Expanding ${baseDirectory}`);
  const found = new Map<string, ArtifactFile>();
  const bases = await findBaseDirectories(root, baseDirectory);
  if (bases.length === 0) {
    throw new PhaseFailure("CLIENT_ERROR", `no matching base directory path found for ${baseDirectory}`);
  }
  for (const base of bases) {
    log(`Expanding file paths for base directory ${relative(root, base) || "."}`);
    log("Assembling file list");
    const place = { root, base, log, keepsLinks: keepsLinks && block.enableSymlinks && !block.discardPaths };
    for (const file of await findFiles(block, place)) {
      const name = block.discardPaths ? basename(file.name) : file.name;
      found.set(name, { ...file, name });
    }
  }
  if (found.size === 0) throw new PhaseFailure("CLIENT_ERROR", "no matching artifact paths found");
  log(`Found ${found.size} file(s)`);
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Directories without links in their paths. */
async function findBaseDirectories(root: string, pattern: string): Promise<string[]> {
  const plain = pattern.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
  const literal = await realpath(join(root, plain)).catch(() => undefined);
  if (literal !== undefined) {
    const isDirectory = isInside(literal, root) && (await lstat(literal)).isDirectory();
    return isDirectory ? [literal] : [];
  }
  const matches = picomatch(plain, { dot: true });
  const tree = await listTree(root, () => undefined);
  return tree.filter(({ kind, name }) => kind === "directory" && matches(name)).map(({ name }) => join(root, name));
}

interface Place {
  root: string;
  base: string;
  keepsLinks: boolean;
  log(line: string): void;
}

async function findFiles(block: ArtifactsBlock, place: Place): Promise<ArtifactFile[]> {
  const { base, log } = place;
  const odd = (name: string) => log(`Skipping ${shownName(name)}: no archive can hold such a name`);
  const tree = (await listTree(base, odd)).filter(({ kind }) => kind !== "directory");
  const excluded = block.excludePaths.map((pattern) => picomatch(withoutDot(pattern), { dot: true }));
  const chosen = new Map<string, ArtifactFile>();
  for (const pattern of block.files) {
    log(`Expanding ${pattern}`);
    const plain = withoutDot(pattern);
    const isMatch = picomatch(plain, { dot: true });
    // A name such as `[id].html` reads as a pattern, and means itself as well.
    const named = tree.filter(({ name }) => name === plain || isMatch(name));
    const matching = named.filter(({ name }) => !excluded.some((excludes) => excludes(name)));
    if (matching.length === 0 && !picomatch.scan(pattern).isGlob) log(`Skipping invalid file path ${pattern}`);
    for (const entry of matching) {
      if (chosen.has(entry.name)) continue;
      const file = await fileOf(entry, place);
      if (file !== undefined) chosen.set(entry.name, file);
    }
  }
  return [...chosen.values()];
}

async function fileOf({ name, kind }: TreeEntry, { root, base, keepsLinks, log }: Place) {
  const path = join(base, name);
  if (kind === "file") return { name, path };
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !isInside(target, root)) {
    log(`Skipping ${shownName(name)}: it leads out of the source directory`);
    return undefined;
  }
  if (keepsLinks && isInside(target, base)) return { name, path, linkTarget: await innerTarget(path, base) };
  // What a link to a directory becomes on AWS is not known.
  if ((await lstat(target)).isFile()) return { name, path: target };
  log(`Skipping ${shownName(name)}: it is a link to no file`);
  return undefined;
}

/** A target that means the same wherever the archive is unpacked. */
async function innerTarget(path: string, base: string): Promise<string> {
  const target = await readlink(path);
  const isPlain = !target.startsWith("/") && isInside(join(dirname(path), target), base);
  return isPlain ? target : relative(dirname(path), await realpath(path));
}

function withoutDot(pattern: string): string {
  return pattern.replace(/^(\.\/)+/, "");
}
