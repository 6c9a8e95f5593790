import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ContainerEngine, ContainerEngineError } from "./container-engine.ts";

/** A container that runs beside a build: a database, a queue. */
export interface ServiceDefinition {
  /** What a build in a container calls it by. */
  name: string;
  image: string;
  variables: Readonly<Record<string, string>>;
  /** Replaces the image's CMD where it is not empty. */
  command: readonly string[];
  ports: readonly ServicePort[];
  /** A command in the container that succeeds when the service can be used. */
  ready: readonly string[];
}

export interface ServicePort {
  /** Port at 127.0.0.1 of this machine, for builds on the host. */
  host: number;
  container: number;
}

export interface RunningService {
  name: string;
  /** Where a build in a container finds it. */
  address: string;
  /** For people: `postgres (postgres:16) at 127.0.0.1:5432`. */
  description: string;
}

export interface ServiceOptions {
  /** Ports are published for builds on the host; in containers they go by name, so that several builds do not meet. */
  publishes: boolean;
  signal: AbortSignal;
}

/** Milliseconds that a service may take until it can be used, and between two questions. */
const readyWait = 120_000;
const readyInterval = 200;

/** Starts services side by side and waits until each can be used. Throws ContainerEngineError, naming the service and its last lines. */
export function startServices(
  engine: ContainerEngine,
  definitions: readonly ServiceDefinition[],
  options: ServiceOptions,
): Promise<RunningService[]> {
  return Promise.all(definitions.map((definition) => startService(engine, definition, options)));
}

async function startService(
  engine: ContainerEngine,
  definition: ServiceDefinition,
  { publishes, signal }: ServiceOptions,
): Promise<RunningService> {
  const { name, image, variables, command, ports } = definition;
  const told = (message: string, cause?: unknown) =>
    new ContainerEngineError(`The service ${name} (${image}) ${message}`, { cause });
  const published = publishes ? ports.map(({ host, container }) => `${host}:${container}`) : [];
  let container: string;
  try {
    if (!(await engine.hasImage(image))) await engine.pull(image, { signal });
    container = await engine.runService({ image, command, variables, ports: published });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ContainerEngineError)) throw error;
    throw told(`does not start: ${error.message}`, error);
  }
  const address = (await engine.findAddress(container)) ?? "127.0.0.1";
  const isReady = () => answers(engine, container, { definition, address, signal });
  for (let waited = 0; !(await isReady()); waited += readyInterval) {
    const isRunning = await engine.isRunning(container);
    if (!isRunning || waited >= readyWait) {
      const end = isRunning ? `is not ready after ${readyWait / 1000} s` : "has ended";
      throw told(`${end}. Its last lines: ${await engine.lastLines(container)}`);
    }
    await delay(readyInterval, undefined, { signal });
  }
  const places = publishes ? ports.map(({ host }) => `127.0.0.1:${host}`) : [address];
  return { name, address, description: `${name} (${image})${places.length > 0 ? ` at ${places.join(", ")}` : ""}` };
}

/** By its own command, else by a connection to its first port; without either it is ready when it runs. */
async function answers(
  engine: ContainerEngine,
  container: string,
  { definition, address, signal }: { definition: ServiceDefinition; address: string; signal: AbortSignal },
): Promise<boolean> {
  const [program, ...words] = definition.ready;
  if (program !== undefined) return (await engine.exec(container, { command: [program, ...words], signal })) === 0;
  const [port] = definition.ports;
  return port === undefined ? engine.isRunning(container) : accepts(address, port.container);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}
