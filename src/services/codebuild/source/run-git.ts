import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs `git` and resolves with what it wrote to stdout. Rejects with GitError. */
export type Git = (directory: string, ...words: string[]) => Promise<string>;

export class GitError extends Error {
  override readonly name = "GitError";
}

export interface GitOptions {
  /** PATH, to find git in. */
  path: string;
  signal: AbortSignal;
}

/** git asks the other side's permission for a commit that is no tip of a branch. */
export const uploadPack = "git -c safe.directory='*' -c uploadpack.allowAnySHA1InWant=true upload-pack";

/** What git may print in one call: lists of names, never contents. */
const largestOutput = 256 * 1024 * 1024;

/**
 * The user's own settings stay out, so that a checkout is the same on every machine: no hooks, no `autocrlf`, no
 * credentials. The repository may be another user's, who has been asked for by name.
 */
export function openGit({ path, signal }: GitOptions): Git {
  const env = {
    PATH: path,
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
  };
  return async (directory, ...words) => {
    const settings = ["safe.directory=*", "core.hooksPath=/dev/null", "core.fsmonitor=false"];
    const all = [...settings.flatMap((setting) => ["-c", setting]), "-C", directory, ...words];
    try {
      return (await promisify(execFile)("git", all, { env, signal, maxBuffer: largestOutput })).stdout;
    } catch (error) {
      signal.throwIfAborted();
      const { code, stderr = "" } = error as NodeJS.ErrnoException & { stderr?: string };
      if (code === "ENOENT") throw new GitError("there is no git on this machine: install it", { cause: error });
      const said = stderr.trim().split("\n").at(-1) ?? "";
      throw new GitError(said === "" ? `git ${words[0]} failed` : said, { cause: error });
    }
  };
}
