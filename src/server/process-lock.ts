import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** A file that says which process uses a directory. */
export interface ProcessLock {
  /** Tells other processes something of this one, in the file's further lines. */
  announce(lines: readonly string[]): void;
  release(): void;
}

export interface LockOwner {
  pid: number;
  /** What it announced; empty until then. */
  lines: readonly string[];
}

/** Undefined where another process, which lives, has it. What a killed one left is taken over. */
export function takeProcessLock(file: string): ProcessLock | undefined {
  const own = `${process.pid}\n`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, own, { flag: "wx", mode: 0o600 });
      return {
        announce: (lines) => writeFileSync(file, `${own}${lines.join("\n")}\n`, { mode: 0o600 }),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (findLockOwner(file) !== undefined) return undefined;
    // Its owner was killed before it could clean up.
    rmSync(file, { force: true });
  }
  return undefined;
}

/** The process that holds the lock; undefined where none does. */
export function findLockOwner(file: string): LockOwner | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const [first, ...lines] = text.split("\n");
  const pid = Number(first);
  return isAlive(pid) ? { pid, lines: lines.filter((line) => line !== "") } : undefined;
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
