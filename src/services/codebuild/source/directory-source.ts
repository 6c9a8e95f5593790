import { cp, lstat, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkOutCommit, findCommit } from "./git-checkout.ts";
import { type Git, GitError } from "./run-git.ts";

export interface DirectorySource {
  /** What the person has given for the source's URL. */
  directory: string;
  target: string;
  location: string;
  version: string | undefined;
  gitCloneDepth: number | undefined;
  submodules: boolean;
  /** Of the project's local cache: what is fetched is kept there. */
  mirrors?: string | undefined;
}

export interface PlacedDirectory {
  /** Commit that is checked out; undefined where the directory is no repository. */
  commit: string | undefined;
  /** For the log: `commit 0123abc` and what else was taken. */
  description: string;
}

/** Left out of copies: a repository's own records, and our state. */
const leftOut = new Set([".git", ".chubo"]);

/** AWS: none, 0 and more than 25 mean all. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html */
const largestDepth = 25;

/**
 * Stands in for a clone of the source's URL. With a version, that commit is checked out of the directory's repository. Without
 * one it is HEAD with the changes that are not committed yet, since a person wants to build what is on the screen; ignored
 * files stay out, as they would on AWS. A directory that is no repository is copied. Throws GitError.
 */
export async function placeDirectory(git: Git, source: DirectorySource): Promise<PlacedDirectory> {
  const { directory, target, version, gitCloneDepth = 0, submodules, location, mirrors } = source;
  const head = await findHead(git, directory);
  if (head === undefined) {
    if (version !== undefined) {
      throw new GitError(`reference not found: ${directory} is no git repository, so it has no version ${version}`);
    }
    await copyTree(directory, target);
    return { commit: undefined, description: "all its files, since it is no git repository with a commit" };
  }
  const commit = version === undefined ? head : await findCommit(git, directory, version);
  if (commit === undefined) throw new GitError(`reference not found in ${directory}`);
  const depth = gitCloneDepth === 0 || gitCloneDepth > largestDepth ? undefined : gitCloneDepth;
  await checkOutCommit(git, { repository: directory, target, commit, depth, submodules, location, mirrors });
  const changes = version === undefined ? await copyChanges(git, directory, target) : 0;
  const added = changes === 0 ? "" : ` and ${changes} changes that are not committed`;
  return { commit, description: `commit ${commit.slice(0, 12)}${added}` };
}

/** Undefined below a repository's top as well: its commit says nothing of this directory alone. */
async function findHead(git: Git, directory: string): Promise<string | undefined> {
  try {
    const [prefix, commit] = (await git(directory, "rev-parse", "--show-prefix", "--verify", "HEAD^{commit}")).split(
      "\n",
    );
    return prefix === "" ? commit : undefined;
  } catch (error) {
    // A machine without git can still build a plain directory, but not say that a repository is none.
    if (!(error instanceof GitError) || /there is no git/.test(error.message)) throw error;
    return undefined;
  }
}

async function copyChanges(git: Git, directory: string, target: string): Promise<number> {
  const [changed, added] = await Promise.all([
    git(directory, "diff", "--name-only", "--no-renames", "--ignore-submodules", "-z", "HEAD"),
    git(directory, "ls-files", "--others", "--exclude-standard", "-z"),
  ]);
  const paths = [...changed.split("\0"), ...added.split("\0")]
    .map((path) => path.replace(/\/$/, ""))
    .filter((path) => path !== "" && !leftOut.has(path.split("/")[0] as string));
  // All old ones go first: a link that has become a directory must not be written through.
  for (const path of paths) await rm(join(target, path), { recursive: true, force: true });
  for (const path of paths) {
    const from = join(directory, path);
    if ((await lstat(from).catch(() => undefined)) === undefined) continue;
    await mkdir(dirname(join(target, path)), { recursive: true });
    await copyTree(from, join(target, path));
  }
  return paths.length;
}

async function copyTree(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    async filter(path) {
      if (path !== from && leftOut.has(basename(path))) return false;
      const status = await lstat(path);
      return status.isFile() || status.isDirectory() || status.isSymbolicLink();
    },
  });
}
