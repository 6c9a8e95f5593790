// A server of a benchmark as a process of its own, so that its memory and CPU are its own too.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

export interface ServerProcess {
  origin: string;
  /** Peak resident memory so far, in bytes. */
  peakMemory(): number;
  stop(): Promise<void>;
}

/** Starts `words`, in which `{port}` stands for a free port, and waits until it answers `path` with less than 500. */
export async function startServer(
  words: readonly string[],
  options: { path: string; environment?: Record<string, string | undefined>; prepare?(port: number): void },
): Promise<ServerProcess> {
  const port = await findFreePort();
  options.prepare?.(port);
  const [program, ...rest] = words.map((word) => word.replaceAll("{port}", String(port))) as [string, ...string[]];
  const child = spawn(program, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...options.environment },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  const origin = `http://127.0.0.1:${port}`;
  await waitUntilUp(child, `${origin}${options.path}`, () => said);
  return {
    origin,
    peakMemory: () => peakMemoryOf(child.pid as number),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("close", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

async function waitUntilUp(child: ChildProcess, url: string, said: () => string): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined && answer.status < 500) return;
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${child.spawnargs.join(" ")} did not come up:\n${said()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakMemoryOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
