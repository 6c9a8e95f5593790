import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type StateLayout, stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";

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
  takeLock(layout);
  const discardAccount = () => rmSync(layout.account, { recursive: true, force: true });
  const keepAccount = () => rmSync(layout.disposable, { force: true });
  const release = () => rmSync(layout.lock, { force: true });
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
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function takeLock(layout: StateLayout): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(layout.lock, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(readFileSync(layout.lock, "utf8"));
    if (isAlive(owner)) {
      throw new UsageError("CONFIG_STATE_BUSY", `process ${owner} is using the state directory ${layout.root}`, {
        hint: "wait for it to end, or choose another directory with --state DIR",
      });
    }
    // Its owner was killed before it could clean up.
    rmSync(layout.lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  // A process that locks the directory twice is this one, by mistake or after a pid was used again.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
