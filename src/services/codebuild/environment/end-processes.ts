import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export interface ProcessMarks {
  /** Process groups whose leaders were the build's commands. */
  groups: ReadonlySet<number>;
  /** `NAME=VALUE` in the environment of every process of the build, also of one that left its group. */
  environmentEntry: string;
}

const pollInterval = 5;
/** Milliseconds that processes have for an end of their own after SIGTERM. */
const grace = 400;
const killWait = 2000;

/**
 * Ends all processes of a build: SIGTERM, then SIGKILL. Resolves when they are gone. Where there is no /proc (macOS) it
 * knows the process groups only.
 */
export async function endProcesses(marks: ProcessMarks): Promise<void> {
  if (!existsSync("/proc/self/stat")) {
    for (const group of marks.groups) signalGroup(group, "SIGKILL");
    return;
  }
  let left = processesOf(marks);
  let signalled = new Set<number>();
  for (let waited = 0; left.length > 0 && waited < grace + killWait; waited += pollInterval) {
    if (waited === grace) signalled = new Set();
    // A process that came into being meanwhile is signalled as well.
    for (const pid of left) {
      if (waited >= grace || !signalled.has(pid)) signalProcess(pid, waited < grace ? "SIGTERM" : "SIGKILL");
      signalled.add(pid);
    }
    await delay(pollInterval);
    left = processesOf(marks);
  }
}

/** Passes over a group that is gone. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  signalProcess(-group, signal);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // EPERM: it became another user's (sudo), and is not ours to end.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

function processesOf({ groups, environmentEntry }: ProcessMarks): number[] {
  const needle = `${environmentEntry}\0`;
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => {
    if (pid === process.pid) return false;
    const status = readProcFile(pid, "stat");
    // `pid (name) state parent group …`; the name may hold blanks and brackets.
    const [state, , group] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    if (status === "" || state === "Z") return false;
    // While any process of a group lives, its number is given to no other one.
    return isLiveGroup(Number(group), pid, groups) || readProcFile(pid, "environ").includes(needle);
  });
}

/** The leader of a build's group has ended: a process of that number is another one that was given it anew. */
function isLiveGroup(group: number, pid: number, groups: ReadonlySet<number>): boolean {
  return groups.has(group) && pid !== group && !existsSync(`/proc/${group}`);
}

function readProcFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    // Ended meanwhile, or another user's.
    return "";
  }
}
