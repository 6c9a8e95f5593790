import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseImageReference } from "../oci/image-reference.ts";
import type { BuildEngine } from "./build-engine.ts";
import {
  type CommandRunner,
  openCommandRunner,
  type RunnerCommand,
  runnerGreeting,
  runnerLoop,
} from "./command-runner.ts";

/** Starts containers by the `docker` command of a private engine. Values go in argument arrays, secrets never do. */
export interface ContainerEngine {
  /** Throws ContainerEngineError with the engine's own words. */
  pull(image: string, options: { login?: RegistryLogin; signal?: AbortSignal }): Promise<void>;
  hasImage(image: string): Promise<boolean>;
  /** The image's ENV. */
  imageVariables(image: string): Promise<Record<string, string>>;
  /** Starts a container whose first process runs commands as root. */
  run(options: RunContainerOptions): Promise<RunningContainer>;
  /** Starts a container in the background, with the image's ENTRYPOINT and user; resolves with its id. */
  runService(options: RunServiceOptions): Promise<string>;
  /** Its address in the engine's network; undefined where it shares the machine's. */
  findAddress(container: string): Promise<string | undefined>;
  /** The last lines of what its first process has written. */
  lastLines(container: string): Promise<string>;
  /** Runs a command in it, and resolves with its exit status; on abort everything in the container is ended. */
  exec(container: string, options: ExecOptions): Promise<number>;
  /** Runs a command by the container's own runner, with the same end. */
  runIn(container: RunningContainer, command: RunnerCommand, signal: AbortSignal): Promise<number | undefined>;
  /** Runs a command in it for a person. */
  attach(container: string, options: AttachOptions): Promise<number>;
  copyInto(container: string, file: string, target: string): Promise<void>;
  isRunning(container: string): Promise<boolean>;
}

export interface RegistryLogin {
  username: string;
  password: string;
}

export interface RunContainerOptions {
  image: string;
  mounts: { source: string; target: string; readOnly?: boolean }[];
  /** Names that its processes can look up, beside those of the machine. */
  hosts?: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  name: string;
  runner: CommandRunner;
  /** Ends the loop, and with it all processes of the container; the engine removes it in its own time. */
  end(): Promise<void>;
}

/** A container beside the build, in the engine's own network. */
export interface RunServiceOptions {
  image: string;
  /** Replaces the image's CMD where it is not empty. */
  command: readonly string[];
  variables: Readonly<Record<string, string>>;
  /** `HOST:CONTAINER`, at 127.0.0.1 of this machine. */
  ports: readonly string[];
}

export interface ExecOptions {
  command: [string, ...string[]];
  /** Root where it is not given. */
  user?: string | undefined;
  /** Set in the process; the image's own ENV stays beneath. */
  variables?: Record<string, string>;
  /** Bytes of stdout and stderr, in order of arrival. */
  onOutput?(chunk: Buffer): void;
  signal?: AbortSignal;
}

export interface AttachOptions extends Pick<ExecOptions, "command" | "user" | "variables" | "signal"> {
  /** File descriptors of this process. */
  stdio: [number, number, number];
  /** The command gets a terminal, which needs one on this side too. */
  isTty: boolean;
}

/** A container engine refused; the message is what its client printed. */
export class ContainerEngineError extends Error {
  override readonly name = "ContainerEngineError";
}

/** Variables that steer the client itself: their values must go by argument, and are no secrets. */
const clientVariables = new Set([
  ..."PATH HOME TMPDIR LD_LIBRARY_PATH LD_PRELOAD GODEBUG CONTAINER_HOST REGISTRY_AUTH_FILE".split(" "),
  ..."CONTAINERS_CONF CONTAINERS_STORAGE_CONF CONTAINERS_REGISTRIES_CONF BUILDAH_ISOLATION BUILDAH_FORMAT".split(" "),
  ..."API_VERSION CERT_PATH CONFIG CONTEXT CUSTOM_HEADERS HOST TLS TLS_VERIFY"
    .split(" ")
    .map((name) => `DOCKER_${name}`),
]);

/** How long processes in a container may take to end after SIGTERM, in milliseconds. */
const killWait = 500;

interface Call {
  args: string[];
  variables?: Record<string, string>;
  input?: string;
  onOutput?: ((chunk: Buffer) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** `directory` is private to the client: its configuration and, while it pulls, a login. */
export function openContainerEngine(
  engine: BuildEngine,
  options: { directory: string; path: string },
): ContainerEngine {
  const configuration = join(options.directory, "client");
  const environment = {
    ...engine.environment,
    PATH: `${engine.binDirectory}:${options.path}`,
    HOME: options.directory,
    DOCKER_CONFIG: configuration,
  };
  const call = (request: Call) => callClient(join(engine.binDirectory, "docker"), environment, request);
  const get = async (...args: string[]) => expectSuccess(await call({ args }));
  return {
    async pull(image, { login, signal }) {
      try {
        if (login !== undefined) {
          const args = ["login", "--username", login.username, "--password-stdin", registryOf(image)];
          expectSuccess(await call({ args, input: login.password, signal }));
        }
        expectSuccess(await call({ args: ["pull", "--quiet", image], signal }));
      } finally {
        rmSync(configuration, { recursive: true, force: true });
      }
    },
    hasImage: async (image) => (await call({ args: ["image", "inspect", image] })).status === 0,
    imageVariables: async (image) =>
      parseVariables(await get("image", "inspect", "--format", "{{json .Config.Env}}", image)),
    async run(options) {
      const name = `chubo-${randomBytes(8).toString("hex")}`;
      const remove = async () => void (await call({ args: ["rm", "--force", "--volumes", name] }));
      try {
        return await startContainer(join(engine.binDirectory, "docker"), environment, { ...options, name, remove });
      } catch (error) {
        await remove();
        throw error;
      }
    },
    runService: async (service) => expectSuccess(await startServiceContainer(call, service)).trim(),
    async findAddress(container) {
      const address = (await get("inspect", "--format", "{{.NetworkSettings.IPAddress}}", container)).trim();
      return address === "" ? undefined : address;
    },
    lastLines: (container) => readLastLines(call, container),
    exec: (container, request) => execInContainer(call, container, request),
    runIn: ({ name, runner }, command, signal) => endOnAbort(call, name, signal, () => runner.run(command)),
    attach: (container, request) =>
      attachToContainer(join(engine.binDirectory, "docker"), environment, container, request),
    copyInto: async (container, file, target) =>
      void (await get("cp", "--follow-link", file, `${container}:${target}`)),
    isRunning: async (container) =>
      (await call({ args: ["inspect", "--format", "{{.State.Running}}", container] })).output.trim() === "true",
  };
}

/** Nothing is kept of the output, which may be long. Ends with its container, and the container with it. */
async function startContainer(
  file: string,
  env: Record<string, string>,
  { name, image, mounts, hosts = {}, remove }: RunContainerOptions & { name: string; remove(): Promise<void> },
): Promise<RunningContainer> {
  const volumes = mounts.flatMap(({ source, target, readOnly }) => [
    "--volume",
    `${source}:${target}${readOnly ? ":ro" : ""}`,
  ]);
  const names = Object.entries(hosts).flatMap(([host, address]) => ["--add-host", `${host}:${address}`]);
  const place = ["--network", "host", "--user", "0", "--entrypoint", "sh", ...volumes, ...names];
  // Podman gives the first process its time even where it is removed by force; it ignores SIGTERM in vain.
  const life = [
    "--interactive",
    "--rm",
    "--name",
    name,
    "--pull",
    "never",
    "--stop-timeout",
    "0",
    "--log-driver",
    "none",
  ];
  const words = ["run", ...life, ...place, image, "-c", runnerLoop];
  // Ctrl-C on the terminal must not reach it: the build ends its container itself.
  const child = spawn(file, words, { env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const { stdin, stdout, stderr } = child;
  stdin.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    let errors = "";
    let greeting = "";
    stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const onData = (chunk: Buffer) => {
      greeting += chunk;
      if (!greeting.endsWith(runnerGreeting)) return;
      stdout.off("data", onData);
      resolve();
    };
    stdout.on("data", onData);
    child.on("error", reject);
    child.on("close", (status) =>
      reject(new ContainerEngineError(errors.trim() || `The container engine's client ended with ${status}.`)),
    );
  });
  const ended = once(stdout, "close").then(
    () => true,
    () => true,
  );
  const runner = openCommandRunner({ stdin, stdout });
  return {
    ...{ name, runner },
    async end() {
      stdin.end();
      // A loop that a command holds up does not read that its input has ended.
      const isOver = !runner.isBusy() && (await Promise.race([ended, delay(killWait, false)]));
      if (!isOver) await remove();
    },
  };
}

function startServiceContainer(
  call: (request: Call) => Promise<Answer>,
  { image, command, variables, ports }: RunServiceOptions,
): Promise<Answer> {
  const names = Object.keys(variables).flatMap((name) => ["--env", name]);
  const published = ports.flatMap((port) => ["--publish", `127.0.0.1:${port}`]);
  const place = ["--detach", "--pull", "never", "--stop-timeout", "1"];
  return call({ args: ["run", ...place, ...names, ...published, image, ...command], variables });
}

async function readLastLines(call: (request: Call) => Promise<Answer>, container: string): Promise<string> {
  let lines = "";
  const onOutput = (chunk: Buffer) => {
    lines += chunk;
  };
  await call({ args: ["logs", "--tail", "10", container], onOutput });
  return lines.trimEnd();
}

async function execInContainer(
  call: (request: Call) => Promise<Answer>,
  container: string,
  { command, user = "0", variables = {}, onOutput, signal }: ExecOptions,
): Promise<number> {
  const { flags, inherited } = passVariables(variables);
  return endOnAbort(call, container, signal, async () => {
    const args = ["exec", "--user", user, ...flags, container, ...command];
    return (await call({ args, variables: inherited, onOutput: onOutput ?? (() => {}) })).status;
  });
}

/** Ends all processes of the container but its first when the signal comes while the work goes on. */
async function endOnAbort<Result>(
  call: (request: Call) => Promise<Answer>,
  container: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const end = async (name: "TERM" | "KILL") => {
    // Number -1 means all processes of the container but its first; they share no group with the client.
    await call({ args: ["exec", "--user", "0", container, "sh", "-c", `kill -${name} -1`] });
  };
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    void end("TERM");
    timer = setTimeout(() => void end("KILL"), killWait);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Values go by the client's own environment where they can: others could read its arguments. */
function passVariables(variables: Record<string, string>) {
  const names = Object.keys(variables);
  return {
    flags: names.flatMap((name) => ["--env", clientVariables.has(name) ? `${name}=${variables[name]}` : name]),
    inherited: Object.fromEntries(Object.entries(variables).filter(([name]) => !clientVariables.has(name))),
  };
}

/** The client stays in the caller's process group, whose terminal it needs. */
function attachToContainer(
  file: string,
  environment: Record<string, string>,
  container: string,
  { command, user = "0", variables = {}, stdio, isTty, signal }: AttachOptions,
): Promise<number> {
  const { flags, inherited } = passVariables(variables);
  const args = ["exec", "--interactive", ...(isTty ? ["--tty"] : []), "--user", user, ...flags, container, ...command];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...environment, ...inherited }, stdio });
    const hangUp = () => child.kill("SIGHUP");
    signal?.addEventListener("abort", hangUp, { once: true });
    child.on("error", reject);
    child.on("exit", (status) => {
      signal?.removeEventListener("abort", hangUp);
      resolve(status ?? 129);
    });
  });
}

interface Answer {
  status: number;
  /** Stdout; empty where the caller takes the output itself. */
  output: string;
  errors: string;
}

function callClient(file: string, environment: Record<string, string>, request: Call): Promise<Answer> {
  const { args, variables = {}, input, onOutput, signal } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      // Last, so that a build's proxy and certificates win over those that the engine pulls with.
      env: { ...environment, ...variables },
      // Ctrl-C on the terminal must not reach it: the build ends its container itself.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      signal,
    });
    const answer = { status: 0, output: "", errors: "" };
    child.stdout.on("data", onOutput ?? ((chunk) => (answer.output += chunk)));
    child.stderr.on("data", onOutput ?? ((chunk) => (answer.errors += chunk)));
    child.on("error", reject);
    child.on("close", (status, signalName) =>
      resolve({ ...answer, status: status ?? (signalName === "SIGKILL" ? 137 : 143) }),
    );
    // A client that ended without reading it is told by its status.
    child.stdin.on("error", () => {}).end(input);
  });
}

function expectSuccess({ status, output, errors }: Answer): string {
  if (status !== 0)
    throw new ContainerEngineError(errors.trim() || `The container engine's client ended with ${status}.`);
  return output;
}

/** `["A=1"]`, or `null` where the image has none. */
function parseVariables(json: string): Record<string, string> {
  const entries: string[] = JSON.parse(json) ?? [];
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
}

function registryOf(image: string): string {
  try {
    return parseImageReference(image).registry;
  } catch (error) {
    throw new ContainerEngineError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
