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
  const own = `${process.pid} ${findStartTime(process.pid) ?? ""}`.trimEnd().concat("\n");
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
  const [pidText, startTime] = (first ?? "").split(" ");
  const pid = Number(pidText);
  return isAlive(pid, startTime) ? { pid, lines: lines.filter((line) => line !== "") } : undefined;
}

/** The number alone is not enough: in a container each gateway is process 1, and so is the one after it. */
function isAlive(pid: number, startTime: string | undefined): boolean {
  // A process that locks the directory twice is this one, by mistake or after a pid was used again.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (startTime !== undefined && startTime !== (findStartTime(pid) ?? startTime)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** In ticks since the boot: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html. Undefined where there is no /proc. */
function findStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
