import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EnvironmentError } from "../collaborators.ts";
import { endProcesses, signalGroup } from "./end-processes.ts";
import type { AttachedCommand, BuildEnvironment, ShellCommand } from "./environment.ts";
import { openHostUsers, type UserIds } from "./host-users.ts";

export interface HostEnvironmentOptions {
  /** Parent of the private directory, such as `/tmp`. */
  temporaryDirectory: string;
  /** Directories that come first on PATH. */
  pathPrefix: string[];
  /** Variables of the proxy, the certificates and the engine. */
  variables: Record<string, string>;
  /** Nine digits of the source directory's name. */
  sourceNumber: number;
  /** The file that variables name as the certificates: a copy stands in for it where `run-as` names another user. */
  caBundle?: string;
}

const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Names the private directory in every process of the build, so that the ones that went away can be found. */
const marker = "CHUBO_BUILD_DIRECTORY";

/** How long the pipe of a command may stay open after its end, in milliseconds: bytes may still be on their way. */
const lastOutputWait = 100;

/** How long a command may take to end after SIGTERM, in milliseconds. */
const killWait = 500;

/**
 * Runs commands on this machine: in a private directory (0700), with a clean environment that holds nothing of the
 * caller's. It is no sandbox: commands can read and write what the user can.
 *
 *     TMP/chubo-XXXXXX/
 *       codebuild/output/src123456789/src   the source
 *       codebuild/output/tmp                state of the shell model
 *       home/  tmp/                         HOME, TMPDIR
 */
export async function openHostEnvironment(options: HostEnvironmentOptions): Promise<BuildEnvironment> {
  const root = await mkdtemp(join(options.temporaryDirectory, "chubo-"));
  const directories = {
    sourceDirectory: join(root, "codebuild", "output", `src${options.sourceNumber}`, "src"),
    temporaryDirectory: join(root, "codebuild", "output", "tmp"),
  };
  const home = join(root, "home");
  const temporary = join(root, "tmp");
  // Below the private directory, so nobody gets there whom `run-as` does not name.
  for (const directory of Object.values(directories)) mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const directory of [home, temporary]) mkdirSync(directory, { mode: 0o700 });
  const groups = new Set<number>();
  // Never the caller's: a command whose own directory is gone would go on there.
  const cwd = () => (existsSync(root) ? root : "/");
  const { caBundle } = options;
  const copy = join(root, "ca-bundle.pem");
  const users = openHostUsers({
    root,
    temporary,
    caBundle: caBundle === undefined ? undefined : { file: caBundle, copy },
  });
  const variablesFor = (variables: Record<string, string>, ids: UserIds | undefined) => {
    if (ids === undefined || caBundle === undefined) return variables;
    return Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value === caBundle ? copy : value]),
    );
  };
  return {
    description: "host, private directory",
    ...directories,
    local: directories,
    variables: {
      ...options.variables,
      PATH: [...options.pathPrefix, standardPath].join(":"),
      HOME: home,
      TMPDIR: temporary,
      LANG: "C.UTF-8",
      [marker]: root,
    },
    run(command) {
      const ids = users.idsOf(command.user);
      const given = { ...command, variables: variablesFor(command.variables, ids) };
      return runOnHost(given, { cwd: cwd(), ...ids }, groups).catch(refuseTooLarge);
    },
    attach(command) {
      const ids = users.idsOf(command.user);
      return attachOnHost({ ...command, variables: variablesFor(command.variables, ids) }, { cwd: cwd(), ...ids });
    },
    admitUser: users.admit,
    // The machine's own `/codebuild/image`, where there is one, describes the machine and not the image.
    readImageFile: async () => undefined,
    async close() {
      await endProcesses({ groups, environmentEntry: `${marker}=${root}` });
      await removeDirectory(root);
    },
  };
}

/** Where and as whom a process starts. */
interface ProcessPlace extends Partial<UserIds> {
  cwd: string;
}

/** By the standard path, whatever the build makes of its own: the PATH of a buildspec is not expanded, and often wrong. */
function findShell(shell: string): string {
  const path = standardPath.split(":").map((directory) => join(directory, shell));
  const found = path.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new EnvironmentError(
    "COMMAND_EXECUTION_ERROR",
    `Error while executing commands. Reason: there is no ${shell} here`,
  );
}

/** Linux gives a process no variable of more than 128 KiB. */
function refuseTooLarge(error: NodeJS.ErrnoException): never {
  if (error.code !== "E2BIG") throw error;
  const reason = "argument list too long: the build's variables are larger than a process may have";
  throw new EnvironmentError("COMMAND_EXECUTION_ERROR", `Error while executing commands. Reason: ${reason}`, {
    cause: error,
  });
}

/** Each command leads a process group of its own, which is ended as a whole. */
function runOnHost(
  { shell, file, variables, onOutput, signal }: ShellCommand,
  place: ProcessPlace,
  groups: Set<number>,
): Promise<number> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    const child = spawn(findShell(shell), [file], { env: variables, detached: true, stdio, ...place });
    const { pid } = child;
    if (pid !== undefined) groups.add(pid);
    let killTimer: NodeJS.Timeout | undefined;
    const end = () => {
      if (pid === undefined) return;
      signalGroup(pid, "SIGTERM");
      killTimer = setTimeout(() => signalGroup(pid, "SIGKILL"), killWait);
    };
    signal.addEventListener("abort", end, { once: true });
    child.stdout.on("data", onOutput);
    child.on("error", reject);
    const closed = new Promise((settle) => child.once("close", settle));
    child.on("exit", async (status, signalName) => {
      signal.removeEventListener("abort", end);
      clearTimeout(killTimer);
      // A process left in the background keeps the pipe open: what it writes later is read, and shown nowhere.
      await Promise.race([closed, delay(lastOutputWait, undefined, { ref: false })]);
      child.stdout.removeListener("data", onOutput).resume();
      resolve(status ?? 128 + signalNumber(signalName));
    });
  });
}

/** In the caller's own process group: the shell takes the terminal for itself and gives it back. */
function attachOnHost(
  { shell, file, variables, terminal, signal }: AttachedCommand,
  place: ProcessPlace,
): Promise<number> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(findShell(shell), [file], { env: variables, stdio: terminal.stdio, ...place });
    const hangUp = () => child.kill("SIGHUP");
    signal.addEventListener("abort", hangUp, { once: true });
    child.on("error", reject);
    child.on("exit", (status, signalName) => {
      signal.removeEventListener("abort", hangUp);
      resolve(status ?? 128 + signalNumber(signalName));
    });
  });
}

function signalNumber(name: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
  };
  return (name === null ? undefined : numbers[name]) ?? 15;
}

async function removeDirectory(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true }).catch(async () => {
    makeWritable(root);
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });
}

/** Directories without write permission keep their entries from a user who is not root. */
function makeWritable(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(directory, entry.name));
  }
}
