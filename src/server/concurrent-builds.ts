/** What of this machine decides how many builds run at once. */
export interface Machine {
  processors: number;
  /** Bytes. */
  memory: number;
}

const memoryOfBuild = 1024 ** 3;

/** Builds that start others and wait for them must not stand in their own way on a small machine. */
const least = 4;

/**
 * Builds wait for networks and disks for much of their time: two a processor, a GiB of memory for each. AWS's limit, 1 to
 * 60 and more by account and compute type, is a matter of its quotas.
 */
export function concurrentBuildsOf({ processors, memory }: Machine): number {
  return Math.max(least, Math.min(2 * processors, Math.floor(memory / memoryOfBuild)));
}
