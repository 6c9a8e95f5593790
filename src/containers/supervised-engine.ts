import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UsageError } from "../usage-error.ts";
import { engineSupervisor } from "./engine-supervisor.ts";

export interface SupervisedEngineOptions {
  kind: "docker" | "podman";
  /** All of the engine is below it; the supervisor removes it. */
  directory: string;
  bridge: { name: string; gateway: string; block: string; mac: string };
  /** Script of the namespace's first process. */
  namespaceScript: string;
  /** The whole environment of the engine. */
  environment: Record<string, string>;
  /** Resolves with true as soon as the engine answers. */
  isReady(): Promise<boolean>;
  signal?: AbortSignal | undefined;
}

/** How long a daemon may take; one that takes longer will not come. */
const startLimit = 60_000;

export interface SupervisedEngine {
  hasEnded(): boolean;
  /** Ends it and resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** Starts an engine under its supervisor. */
export async function startSupervisedEngine(options: SupervisedEngineOptions): Promise<SupervisedEngine> {
  const { kind, directory, bridge, namespaceScript, environment, signal } = options;
  signal?.throwIfAborted();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const script = join(directory, "supervise.sh");
  writeFileSync(script, engineSupervisor);
  writeFileSync(join(directory, "namespace.sh"), namespaceScript);
  const values = [directory, bridge.name, bridge.gateway, bridge.mac, bridge.block, kind];
  const supervisor = spawn("/bin/sh", [script, ...values], {
    env: environment,
    // A session of its own: Ctrl-C on the terminal reaches this process alone, which then ends the engine in order.
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const stop = holdSupervisor(supervisor);
  const lastWords = collectOutput(supervisor);
  const ended = once(supervisor, "exit").then(() => "ended" as const);
  const deadline = Date.now() + startLimit;
  try {
    while (!(await options.isReady())) {
      if (Date.now() > deadline) throw engineFailure(kind, `It did not answer within ${startLimit / 1000} seconds.`);
      const state = await Promise.race([ended, delay(10, "waiting" as const)]);
      if (state === "ended") throw engineFailure(kind, await lastWords);
      signal?.throwIfAborted();
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, hasEnded: () => hasExited(supervisor) };
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/**
 * The pipe to the supervisor is its lease. Neither keeps this process alive: where it ends without having stopped the
 * engine, the pipe ends too.
 */
function holdSupervisor(supervisor: ChildProcess): () => Promise<void> {
  const { stdin } = supervisor;
  supervisor.unref();
  // Node's pipes are sockets underneath; a supervisor that died first answers the end with EPIPE.
  stdin?.on("error", () => {});
  if (stdin && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return async () => {
    if (hasExited(supervisor)) return;
    supervisor.ref();
    const exit = once(supervisor, "exit");
    stdin?.end();
    await exit;
  };
}

async function collectOutput({ stdout }: ChildProcess): Promise<string> {
  let text = "";
  if (stdout === null) return text;
  if ("unref" in stdout && typeof stdout.unref === "function") stdout.unref();
  stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(stdout, "close");
  return text;
}

function engineFailure(kind: string, reason: string): UsageError {
  const daemon = kind === "docker" ? "dockerd" : "podman";
  // A proxy URL is all of a daemon's log that could hold credentials.
  const tail = reason.trim().replaceAll(/\/\/[^\s/@]+@/g, "//***@");
  return new UsageError("CONTAINERS_ENGINE_NOT_STARTED", `A private ${daemon} did not start:\n${tail}`, {
    hint: "A private Docker daemon needs root, namespaces, cgroups and a bridge; --environment host with privilegedMode false needs none.",
  });
}
