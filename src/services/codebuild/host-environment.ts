import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEnvironment, ShellCommand } from "./environment.ts";

export interface HostEnvironmentOptions {
  /** Parent of the private directory, such as `/tmp`. */
  temporaryDirectory: string;
  /** Directories that come first on PATH. */
  pathPrefix: string[];
  /** Variables of the proxy, the certificates and the engine. */
  variables: Record<string, string>;
  /** Nine digits of the source directory's name. */
  sourceNumber: number;
}

const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Names the private directory in every process of the build, so that the ones that went away can be found. */
const marker = "CHUBO_BUILD_DIRECTORY";

/**
 * Runs commands on this machine: in a private directory (0700), with a clean environment that holds nothing of the
 * caller's. It is no sandbox: commands can read and write what the user can.
 */
export async function openHostEnvironment(options: HostEnvironmentOptions): Promise<BuildEnvironment> {
  const root = await mkdtemp(join(options.temporaryDirectory, "chubo-build-"));
  const directories = {
    sourceDirectory: join(root, "codebuild", "output", `src${options.sourceNumber}`, "src"),
    temporaryDirectory: join(root, "codebuild", "output", "tmp"),
  };
  const home = join(root, "home");
  for (const directory of [...Object.values(directories), home, join(root, "tmp")]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  return {
    description: "host, private directory",
    ...directories,
    local: directories,
    variables: {
      ...options.variables,
      PATH: [...options.pathPrefix, standardPath].join(":"),
      HOME: home,
      TMPDIR: join(root, "tmp"),
      LANG: "C.UTF-8",
      [marker]: root,
    },
    run: runOnHost,
    close: () => closeHostEnvironment(root),
  };
}

function runOnHost({ shell, file, variables, onOutput, signal }: ShellCommand): Promise<number> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [file], { env: variables, detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const killGroup = () => child.pid !== undefined && kill(-child.pid);
    signal.addEventListener("abort", killGroup, { once: true });
    child.stdout.on("data", onOutput);
    child.on("error", reject);
    child.on("exit", async (status, signalName) => {
      signal.removeEventListener("abort", killGroup);
      // A process left in the background keeps the pipe open: wait for the end of it only as long as bytes may be on their way.
      await Promise.race([new Promise((end) => child.once("close", end)), delay(100, undefined, { ref: false })]);
      child.stdout.removeAllListeners("data").resume();
      resolve(status ?? 128 + signalNumber(signalName));
    });
  });
}

function signalNumber(name: NodeJS.Signals | null): number {
  return name === "SIGKILL" ? 9 : 15;
}

/** A negative number means the process group. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function closeHostEnvironment(root: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const left = processesOf(root);
    if (left.length === 0) break;
    for (const pid of left) kill(pid);
    await delay(10);
  }
  await rm(root, { recursive: true, force: true }).catch(async () => {
    makeWritable(root);
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });
}

/** Processes of the build, also those that left its process group, by the marker in their environment. */
function processesOf(root: string): number[] {
  const needle = `${marker}=${root}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, "latin1").includes(needle);
      } catch {
        // Ended meanwhile, or another user's.
        return false;
      }
    })
    .map(Number);
}

/** Directories without write permission keep their entries from a user who is not root. */
function makeWritable(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(directory, entry.name));
  }
}
