import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

/** The local caches of projects, each in a directory of its own that one build at a time has. */
export interface LocalCaches {
  /** Undefined while another build has it: on AWS that one would run on another host, without the cache as well. */
  take(project: string): LocalCache | undefined;
  /** Empties a project's cache; a build that has it goes on with what it has. */
  clear(project: string): void;
}

export interface LocalCache {
  directory: string;
  /** Gives it back; true where it had grown too large and was removed. */
  release(): Promise<boolean>;
}

export interface LocalCachesOptions {
  /** Of the state directory, for these alone. */
  directory: string;
  /** Of one project's cache. */
  mostBytes: number;
}

/** Names of projects begin with a letter or digit. */
const removedPrefix = ".removed-";

/** Of a process that has the state directory for itself. */
export function openLocalCaches({ directory, mostBytes }: LocalCachesOptions): LocalCaches {
  const taken = new Map<string, { isCleared: boolean }>();
  let removals = 0;
  // Names of projects have no character that means something in a path. Gone at once, whatever is in it.
  const remove = async (path: string) => {
    const away = join(directory, `${removedPrefix}${process.pid}-${removals++}`);
    try {
      renameSync(path, away);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    await rm(away, { recursive: true, force: true, maxRetries: 3 });
  };
  sweep(directory);
  return {
    take(project) {
      if (taken.has(project)) return undefined;
      const path = join(directory, project);
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const use = { isCleared: false };
      taken.set(project, use);
      return {
        directory: path,
        async release() {
          const isTooLarge = (await sizeOf(path, mostBytes)) > mostBytes;
          if (isTooLarge || use.isCleared) await remove(path);
          taken.delete(project);
          return isTooLarge;
        },
      };
    },
    clear(project) {
      const use = taken.get(project);
      if (use !== undefined) use.isCleared = true;
      else rmSync(join(directory, project), { recursive: true, force: true });
    },
  };
}

/** What a process that ended before its time was removing; what cannot be removed now is left to the next start. */
function sweep(directory: string): void {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  for (const name of names.filter((one) => one.startsWith(removedPrefix))) {
    rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Stops counting once it is enough. Image layers have many small files, for each of which a promise would take far longer. */
async function sizeOf(directory: string, enough: number): Promise<number> {
  let bytes = 0;
  const waiting = [directory];
  for (let path = waiting.pop(); path !== undefined && bytes <= enough; path = waiting.pop()) {
    await setImmediate();
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) waiting.push(child);
      else if (entry.isFile()) bytes += lstatSync(child).blocks * 512;
    }
  }
  return bytes;
}
