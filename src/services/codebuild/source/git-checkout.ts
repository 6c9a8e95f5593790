import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Git, GitError, uploadPack } from "./run-git.ts";
import { sourceMirror } from "./source-mirror.ts";

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
  /** Where what is fetched is kept for later builds. */
  mirrors?: string | undefined;
}

/**
 * Makes a repository of its own with a commit checked out, and HEAD detached, as builds on AWS have it. Nothing is shared
 * with the one that it is taken from, so that no command of a build can spoil that.
 */
export async function checkOutCommit(git: Git, checkout: GitCheckout): Promise<void> {
  if (!(await checkOutByMirror(git, checkout))) await checkOut(git, checkout, () => fetchAll(git, checkout));
  if (checkout.submodules) await checkOutSubmodules(git, checkout);
}

async function checkOut(
  git: Git,
  { target, location, commit }: GitCheckout,
  fetch: () => Promise<void>,
): Promise<void> {
  await mkdir(target, { recursive: true });
  await git(target, "init", "--quiet", "--template=");
  await fetch();
  if (location !== "") await git(target, "remote", "add", "origin", location);
  await git(target, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit);
}

async function fetchAll(git: Git, { repository, target, commit, depth }: GitCheckout): Promise<void> {
  const source = pathToFileURL(repository).href;
  const fetch = ["fetch", "--quiet", "--update-shallow", `--upload-pack=${uploadPack}`];
  if (depth === undefined) {
    await git(target, ...fetch, "--tags", source, "+refs/heads/*:refs/remotes/origin/*", commit);
  } else {
    await git(target, ...fetch, `--depth=${depth}`, "--no-tags", source, commit);
  }
}

/**
 * False where it has to be done without: for a few commits a mirror is not worth its room, and one of a repository that has
 * not all of them itself would stay without them. A mirror that is broken is thrown away.
 */
async function checkOutByMirror(git: Git, checkout: GitCheckout): Promise<boolean> {
  const { mirrors, repository, target, commit, depth } = checkout;
  if (mirrors === undefined || depth !== undefined) return false;
  if ((await git(repository, "rev-parse", "--is-shallow-repository")).trim() !== "false") return false;
  const mirror = sourceMirror(git, { mirrors, source: pathToFileURL(repository).href });
  try {
    await checkOut(git, checkout, () => mirror.fetchInto(target, commit));
    return true;
  } catch (error) {
    if (!(error instanceof GitError) && !(error instanceof Error && "syscall" in error)) throw error;
    await mirror.remove();
    await rm(target, { recursive: true, force: true });
    return false;
  }
}

/** Submodules come from where the given repository has them checked out: their addresses may need a login. */
async function checkOutSubmodules(git: Git, { repository, target, depth, mirrors }: GitCheckout): Promise<void> {
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
    const place = { repository: submodule, target: join(target, path), commit, depth, mirrors, submodules: true };
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
