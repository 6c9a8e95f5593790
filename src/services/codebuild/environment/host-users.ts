import { execFile } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { EnvironmentError } from "../collaborators.ts";

/** What a process of another user is started with. Supplementary groups are dropped: libuv clears them. */
export interface UserIds {
  uid: number;
  gid: number;
}

/** Places of a build's private directory that another user needs. */
export interface SharedPlaces {
  /** 0700; everything else is below it. */
  root: string;
  temporary: string;
  /** A copy of the certificates, which are in a directory of their owner's alone. */
  caBundle?: { file: string; copy: string } | undefined;
}

/** The users of `run-as` on this machine. */
export interface HostUsers {
  admit(user: string, files: readonly string[]): Promise<void>;
  /** Undefined for the user that this process is. */
  idsOf(user: string | undefined): UserIds | undefined;
}

/**
 * Another user gets through the private directory by its group, which he cannot change anything in by; what is below is
 * readable but for the home directory, as on AWS, where HOME is root's. Whoever shares his primary group can read there too.
 */
export function openHostUsers(places: SharedPlaces, caller = process.getuid?.()): HostUsers {
  const known = new Map<string, UserIds | undefined>();
  return {
    idsOf: (user) => (user === undefined ? undefined : known.get(user)),
    async admit(user, files) {
      const ids = await findIds(user);
      // Whoever starts the build stands for root, as whom builds run on AWS.
      const isOther = ids.uid !== caller && ids.uid !== 0;
      known.set(user, isOther ? ids : undefined);
      if (!isOther) return;
      if (caller !== 0) {
        throw refuse(user, "this process is not root's; run-as another user needs --environment container, or root");
      }
      const barrier = findBarrier(dirname(places.root));
      if (barrier !== undefined)
        throw refuse(user, `only its owner gets through ${barrier}; set TMPDIR to another directory`);
      chownSync(places.root, 0, ids.gid);
      chmodSync(places.root, 0o710);
      chmodSync(places.temporary, 0o1777);
      if (places.caBundle !== undefined) copyFileSync(places.caBundle.file, places.caBundle.copy);
      for (const file of files) chownSync(file, ids.uid, ids.gid);
    },
  };
}

/** A directory on the way that others may not pass. */
function findBarrier(directory: string): string | undefined {
  if ((statSync(directory).mode & 0o001) === 0) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : findBarrier(parent);
}

/** By `id`, which knows the users of LDAP and its like as well. */
async function findIds(user: string): Promise<UserIds> {
  const ask = async (flag: string) => Number((await promisify(execFile)("id", [flag, "--", user])).stdout);
  try {
    const [uid, gid] = await Promise.all([ask("-u"), ask("-g")]);
    return { uid, gid };
  } catch (error) {
    throw unknownUser(user, error);
  }
}

/** What a build on AWS says here is not recorded; the reason is in Docker's words. */
export function unknownUser(user: string, cause?: unknown): EnvironmentError {
  return refuse(user, `unable to find user ${user}: no matching entries in passwd file`, cause);
}

function refuse(user: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError("COMMAND_EXECUTION_ERROR", `Error while running commands as ${user}. Reason: ${reason}`, {
    cause,
  });
}
