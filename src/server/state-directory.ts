import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type StateLayout, stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";
import { findLockOwner, takeProcessLock } from "./process-lock.ts";

/** A state directory in use by this process. */
export interface StateDirectory extends StateLayout {
  /** Removes the account's state: stacks, images, logs. Artifacts and the certificate authority stay. */
  discardAccount(): void;
  /** From now on no fresh start may discard the account. */
  keepAccount(): void;
  /** Gives the directory free for another process. */
  release(): void;
}

/**
 * Makes and locks a state directory. `fresh` begins with an empty, disposable account; what a killed run left goes, and
 * an account that somebody keeps is refused with CONFIG_STATE_KEPT.
 * Throws CONFIG_STATE_BUSY where another process uses it: two accounts in one directory would disturb each other.
 */
export function openStateDirectory(root: string, options: { fresh: boolean }): StateDirectory {
  const layout = stateLayout(root);
  try {
    makeDirectory(root);
    writeFileSync(layout.gitignore, "*\n");
  } catch (error) {
    throw new UsageError("CONFIG_STATE", `the state directory cannot be written: ${root}`, {
      cause: error,
      hint: "choose another one with --state DIR",
    });
  }
  const lock = takeProcessLock(layout.lock);
  if (lock === undefined) throw stateBusy(layout.lock, root);
  const discardAccount = () => rmSync(layout.account, { recursive: true, force: true });
  const keepAccount = () => rmSync(layout.disposable, { force: true });
  const { release } = lock;
  if (options.fresh && existsSync(layout.account) && !existsSync(layout.disposable)) {
    release();
    throw new UsageError("CONFIG_STATE_KEPT", `the state directory holds an account that was kept: ${layout.account}`, {
      hint: "choose another directory with --state DIR, or remove that account",
    });
  }
  if (options.fresh) discardAccount();
  for (const directory of [layout.account, layout.artifacts]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (options.fresh) writeFileSync(layout.disposable, "");
  else keepAccount();
  return { ...layout, discardAccount, keepAccount, release };
}

/** Node's own recursive mkdir never ends below a directory that answers ENOENT for what may not be made, such as /proc. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** `lock` is held by another process, which uses `directory`. */
export function stateBusy(lock: string, directory: string): UsageError {
  const owner = findLockOwner(lock)?.pid ?? "another one";
  return new UsageError("CONFIG_STATE_BUSY", `process ${owner} is using the state directory ${directory}`, {
    hint: "wait for it to end, or choose another directory with --state DIR",
  });
}
