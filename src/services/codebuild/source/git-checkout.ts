import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Git, GitError } from "./run-git.ts";

export interface GitCheckout {
  /** Top of the repository that commits are taken from. */
  repository: string;
  /** An empty directory. */
  target: string;
  /** Full ID. */
  commit: string;
  /** Commits of history; undefined for all of it. */
  depth: number | undefined;
  submodules: boolean;
  /** What `origin` is said to be. */
  location: string;
}

/** git asks the other side's permission for a commit that is no tip of a branch. */
const uploadPack = "git -c safe.directory='*' -c uploadpack.allowAnySHA1InWant=true upload-pack";

/**
 * Makes a repository of its own with a commit checked out, and HEAD detached, as builds on AWS have it. Nothing is shared
 * with the one that it is taken from, so that no command of a build can spoil that.
 */
export async function checkOutCommit(git: Git, checkout: GitCheckout): Promise<void> {
  const { repository, target, commit, depth, location } = checkout;
  const source = pathToFileURL(repository).href;
  await mkdir(target, { recursive: true });
  await git(target, "init", "--quiet", "--template=");
  const fetch = ["fetch", "--quiet", "--update-shallow", `--upload-pack=${uploadPack}`];
  if (depth === undefined) {
    await git(target, ...fetch, "--tags", source, "+refs/heads/*:refs/remotes/origin/*", commit);
  } else {
    await git(target, ...fetch, `--depth=${depth}`, "--no-tags", source, commit);
  }
  if (location !== "") await git(target, "remote", "add", "origin", location);
  await git(target, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit);
  if (checkout.submodules) await checkOutSubmodules(git, checkout);
}

/** Submodules come from where the given repository has them checked out: their addresses may need a login. */
async function checkOutSubmodules(git: Git, { repository, target, depth }: GitCheckout): Promise<void> {
  const entries = (await git(target, "ls-tree", "-r", "-z", "HEAD")).split("\0");
  for (const entry of entries.filter((line) => line.startsWith("160000 commit "))) {
    const [words = "", path = ""] = entry.split("\t");
    const commit = words.split(" ")[2] ?? "";
    const submodule = join(repository, path);
    const isThere = await git(submodule, "rev-parse", "--show-prefix").catch(() => "missing");
    if (isThere.trim() !== "") {
      throw new GitError(`the submodule ${path} is not in ${repository}: run git submodule update --init there`);
    }
    const url = await git(submodule, "config", "--get", "remote.origin.url").catch(() => "");
    const place = { repository: submodule, target: join(target, path), commit, depth, submodules: true };
    await checkOutCommit(git, { ...place, location: url.trim() });
    await git(target, "submodule", "--quiet", "init", "--", path);
  }
}

/**
 * The commit that a source version names: a branch, a tag, a commit, `pr/25`, or `refs/heads/main^{COMMIT}`. Local
 * branches come before those of the remote. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-source-version.html
 */
export async function findCommit(git: Git, repository: string, version: string): Promise<string | undefined> {
  const [, pinned] = /\^\{([0-9a-f]{40})\}$/.exec(version) ?? [];
  const [, pull] = /^pr\/(\d+)$/.exec(version) ?? [];
  const names = [
    ...(pinned === undefined ? [] : [pinned]),
    `refs/heads/${version}`,
    `refs/remotes/origin/${version}`,
    `refs/tags/${version}`,
    ...(pull === undefined ? [] : [`refs/pull/${pull}/head`, `refs/remotes/origin/pr/${pull}`]),
    ...(/^(refs\/.*|[0-9a-f]{4,40})$/.test(version) ? [version] : []),
  ];
  for (const name of names) {
    const found = await git(repository, "rev-parse", "--verify", "--quiet", `${name}^{commit}`).catch(notFound);
    if (found !== undefined) return found.trim();
  }
  return undefined;
}

function notFound(error: unknown): undefined {
  if (!(error instanceof GitError)) throw error;
  return undefined;
}
