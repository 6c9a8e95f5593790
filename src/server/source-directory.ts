import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "../usage-error.ts";

/** A directory as CodePipeline would hand it to a build. */
export interface SourceArtifact {
  zip: Buffer;
  /** The commit that is checked out where nothing differs from it; else the SHA-1 of the content. 40 hex digits. */
  revision: string;
  files: number;
}

/** Left out as a pipeline's source action does (`.git`), and our own state. */
const leftOut = new Set([".git", ".chubo"]);

/**
 * Zips a directory as a CODE_ZIP source artifact: no `.git`, symbolic links and modes kept.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html
 */
export async function readSourceDirectory(directory: string): Promise<SourceArtifact> {
  const status = await stat(directory).catch(() => undefined);
  if (!status?.isDirectory()) {
    const message = status === undefined ? "the source directory does not exist" : "the source is not a directory";
    throw new UsageError("CONFIG_SOURCE", `${message}: ${directory}`, {
      hint: "give the repository with --source DIR",
    });
  }
  const entries = await listEntries(directory);
  if (entries.length === 0) {
    throw new UsageError("CONFIG_SOURCE", `the source directory is empty: ${directory}`, {
      hint: "give the repository with --source DIR",
    });
  }
  const [{ zip, contentHash }, commit] = await Promise.all([
    zipEntries(directory, entries),
    findCleanCommit(directory),
  ]);
  return { zip, revision: commit ?? contentHash, files: entries.length };
}

async function listEntries(root: string, directory = root): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (leftOut.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await listEntries(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return directory === root ? found.sort() : found;
}

async function zipEntries(root: string, entries: string[]): Promise<{ zip: Buffer; contentHash: string }> {
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  const hash = createHash("sha1");
  for (const path of entries) {
    const status = await lstat(path);
    const isLink = status.isSymbolicLink();
    const content = isLink ? Buffer.from(await readlink(path)) : await readFile(path);
    const name = relative(root, path).split(sep).join("/");
    hash.update(`${name}\0${status.mode}\0${content.length}\0`).update(content);
    zip.addBuffer(content, name, { mode: status.mode, mtime: status.mtime, compressionLevel: 1 });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return { zip: Buffer.concat(chunks), contentHash: hash.digest("hex") };
}

async function findCleanCommit(directory: string): Promise<string | undefined> {
  if (!existsSync(join(directory, ".git"))) return undefined;
  const git = async (...words: string[]) => (await promisify(execFile)("git", words, { cwd: directory })).stdout;
  try {
    const [differences, place] = await Promise.all([
      git("status", "--porcelain"),
      git("rev-parse", "--show-prefix", "HEAD"),
    ]);
    const [prefix, commit] = place.split("\n");
    // A repository further up does not count: its commit says nothing about this directory alone.
    return prefix === "" && differences === "" ? commit : undefined;
  } catch {
    return undefined;
  }
}
