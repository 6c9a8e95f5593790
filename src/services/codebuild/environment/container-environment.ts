import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildEngine } from "../../../containers/build-engine.ts";
import { formatVariables } from "../../../containers/command-runner.ts";
import {
  type ContainerEngine,
  ContainerEngineError,
  openContainerEngine,
  type RegistryLogin,
  type RunContainerOptions,
  type RunningContainer,
} from "../../../containers/container-engine.ts";
import { copyPortably } from "../../../containers/portable-program.ts";
import { containerCustomCache } from "../cache/local-cache-place.ts";
import { EnvironmentError } from "../collaborators.ts";
import { isCuratedImage } from "../project.ts";
import type { BuildEnvironment, ShellCommand } from "./environment.ts";
import { unknownUser } from "./host-users.ts";

export interface ContainerEnvironmentOptions {
  /** The project's image, as in `environment.image`. */
  image: string;
  /** Runs the build's container, and those of other builds. */
  engine: BuildEngine;
  /** For an image that no registry has: the engine's own is used, and nobody is asked for it. */
  isInEngine?: boolean;
  /** `privilegedMode`: the engine that the build's commands use. */
  privilegedEngine?: BuildEngine;
  /** A private directory (0700); close() removes it. */
  directory: string;
  /** Proxy and other variables, as they are to be seen in the container; certificates are at `containerCaBundle`. */
  variables: Record<string, string>;
  /** PEM file with the system's roots and the port's own CA. */
  caBundle: string;
  /** Nine digits of the source directory's name. */
  sourceNumber: number;
  /** PATH for the engine's client. */
  path: string;
  /** Names of services beside the build, and their addresses. */
  hosts?: Readonly<Record<string, string>>;
  /** For pulling the image: the project's registryCredential, or the role's own for ECR. */
  login?: RegistryLogin;
  /** Directories of this machine, and where the container has them. */
  fileSystems?: readonly Mount[];
  /** What the project keeps between builds, for this one to see at `containerCustomCache`. */
  customCacheDirectory?: string;
  signal: AbortSignal;
}

/** Where a build's container finds the certificates that it is to trust. */
export const containerCaBundle = "/codebuild/readonly/ca-bundle.pem";

/** Where the runner finds what a command's variables are; commands cannot take it away. */
const variablesDirectory = "/codebuild/readonly/variables";
const variablesName = "export.sh";

/** The directory that a build and its own Docker daemon see at the same path, as on AWS: `docker run -v $PWD:/src`. */
export function outputDirectory(directory: string): { source: string; target: string } {
  const source = join(directory, "output");
  mkdirSync(source, { recursive: true, mode: 0o755 });
  return { source, target: "/codebuild/output" };
}

/**
 * Runs commands in a container of the project's image: as root, whatever its USER, with its ENTRYPOINT replaced, on the
 * machine's network, so that the one port is at 127.0.0.1 in it too. The engine is private: nothing is added to the
 * user's own images. Throws EnvironmentError where the image cannot be had or does not run.
 *
 *     DIRECTORY/output/src123456789/src    /codebuild/output/src123456789/src in the container
 *     DIRECTORY/output/tmp                 /codebuild/output/tmp
 *     the private daemon's socket          /var/run/docker.sock, where the build is privileged
 */
export async function openContainerEnvironment(options: ContainerEnvironmentOptions): Promise<BuildEnvironment> {
  const { image, directory, sourceNumber } = options;
  const engine = openContainerEngine(options.engine, { directory, path: options.path });
  const close = async (container?: RunningContainer) => {
    await container?.end();
    rmSync(directory, { recursive: true, force: true });
  };
  let container: RunningContainer | undefined;
  try {
    const mounts = mountsOf(options);
    await pullImage(engine, options);
    const asked = engine.imageVariables(image);
    asked.catch(() => undefined);
    container = await startContainer(engine, { image, mounts, hosts: options.hosts ?? {} });
    const notes = options.privilegedEngine
      ? await provideDockerClient(engine, container.name, options.privilegedEngine, directory)
      : "";
    const started = container;
    return {
      description: `container of ${image}${notes}; ${options.engine.description}`,
      sourceDirectory: `/codebuild/output/src${sourceNumber}/src`,
      temporaryDirectory: "/codebuild/output/tmp",
      local: localDirectories(directory, sourceNumber),
      variables: { ...(await asked), HOME: "/root", ...options.variables },
      run: (command) => runInContainer(engine, started, { ...command, directory }),
      attach: ({ shell, file, terminal, ...command }) =>
        engine.attach(started.name, { ...command, ...terminal, command: [pathOf(shell), file] }),
      admitUser: (user, files) => admitToContainer(engine, started.name, user, files),
      readImageFile: (path) => readFromContainer(engine, started.name, path),
      close: () => close(started),
    };
  } catch (error) {
    await close(container);
    throw error;
  }
}

function localDirectories(directory: string, sourceNumber: number) {
  return {
    sourceDirectory: join(directory, "output", `src${sourceNumber}`, "src"),
    temporaryDirectory: join(directory, "output", "tmp"),
  };
}

export interface Mount {
  source: string;
  target: string;
  readOnly?: boolean;
}

function mountsOf(options: ContainerEnvironmentOptions) {
  const { directory, sourceNumber, caBundle, privilegedEngine, customCacheDirectory, fileSystems = [] } = options;
  for (const local of Object.values(localDirectories(directory, sourceNumber))) {
    mkdirSync(local, { recursive: true, mode: 0o755 });
  }
  const variables = join(directory, "variables");
  mkdirSync(variables, { mode: 0o700 });
  const mounts: Mount[] = [
    outputDirectory(directory),
    { source: caBundle, target: containerCaBundle, readOnly: true },
    { source: variables, target: variablesDirectory, readOnly: true },
    ...fileSystems,
  ];
  if (customCacheDirectory !== undefined) {
    mkdirSync(customCacheDirectory, { recursive: true, mode: 0o755 });
    mounts.push({ source: customCacheDirectory, target: containerCustomCache });
  }
  if (privilegedEngine === undefined) return mounts;
  const socket = privilegedEngine.environment.DOCKER_HOST?.replace(/^unix:\/\//, "");
  if (socket === undefined) {
    throw new EnvironmentError(
      "CLIENT_ERROR",
      `A privileged build in a container needs a Docker daemon whose socket it can be given; the engine is ${privilegedEngine.description}. Use --engine docker, or --environment host.`,
    );
  }
  return [...mounts, { source: socket, target: "/var/run/docker.sock" }];
}

async function pullImage(
  engine: ContainerEngine,
  { image, isInEngine = false, login, signal }: ContainerEnvironmentOptions,
): Promise<void> {
  if (isInEngine) return;
  const refuse = (reason: string, cause?: unknown) =>
    new EnvironmentError(
      "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
      `Unable to pull customer's container image. CannotPullContainerError: ${reason}`,
      { cause },
    );
  if (isCuratedImage(image)) {
    throw refuse(
      `${image} is an image of AWS that no registry offers under this name. Use --environment host, or an image of your own.`,
    );
  }
  try {
    await engine.pull(image, { signal, ...(login === undefined ? {} : { login }) });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ContainerEngineError)) throw error;
    throw refuse(error.message, error);
  }
}

async function startContainer(engine: ContainerEngine, options: RunContainerOptions): Promise<RunningContainer> {
  try {
    return await engine.run(options);
  } catch (error) {
    if (!(error instanceof ContainerEngineError)) throw error;
    throw deadContainer(error.message, error);
  }
}

function deadContainer(detail: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(
    "SINGLE_BUILD_CONTAINER_DEAD",
    `Build container found dead before completing the build. Build container died because it was out of memory, or the Docker image is not supported. ${detail}`.trim(),
    { cause },
  );
}

/**
 * AWS takes the docker client from the image. Where the image has none, this machine's is put into it, if it runs there:
 * the image must be of this machine's architecture. Returns what to say about it.
 */
async function provideDockerClient(
  engine: ContainerEngine,
  container: string,
  privileged: BuildEngine,
  directory: string,
): Promise<string> {
  const works = async () => (await engine.exec(container, { command: ["sh", "-c", "docker --version"] })) === 0;
  if (await works()) return "";
  const [programs, libraries] = ["/usr/local/bin", "/usr/local/lib/docker-client"];
  const client = realpathSync(join(privileged.binDirectory, "docker"));
  const program = await copyPortably(client, join(directory, "client"), libraries);
  await engine.exec(container, { command: ["mkdir", "-p", programs, dirname(libraries)] });
  await engine.copyInto(container, join(directory, "client", "lib"), libraries);
  await engine.copyInto(container, program, `${programs}/docker`);
  if (await works()) return ", with this machine's docker client, since it has none";
  await engine.exec(container, { command: ["rm", "-rf", `${programs}/docker`, libraries] });
  return ", which has no docker client, and this machine's does not run in it";
}

/** The PATH of a buildspec is not expanded, and often names no directory that has a shell. */
function pathOf(shell: ShellCommand["shell"]): "/bin/sh" | "bash" {
  return shell === "sh" ? "/bin/sh" : shell;
}

/** In the container, since its users and their numbers are its own. */
async function admitToContainer(
  engine: ContainerEngine,
  container: string,
  user: string,
  files: readonly string[],
): Promise<void> {
  if ((await engine.exec(container, { command: ["id", "-u", user] })) !== 0) throw unknownUser(user);
  const status = await engine.exec(container, { command: ["chown", user, ...files] });
  if (status !== 0) throw unknownUser(user);
}

async function readFromContainer(
  engine: ContainerEngine,
  container: string,
  path: string,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  const command: [string, ...string[]] = ["sh", "-c", 'test -f "$0" && cat "$0"', path];
  const status = await engine.exec(container, { command, onOutput: (chunk) => chunks.push(chunk) });
  return status === 0 ? Buffer.concat(chunks).toString() : undefined;
}

/** Another user's command is started by the engine, and so is one whose variables a shell cannot set. */
async function runInContainer(
  engine: ContainerEngine,
  container: RunningContainer,
  { directory, ...command }: ShellCommand & { directory: string },
): Promise<number> {
  const { shell, file, user, variables, onOutput, signal } = command;
  const text = formatVariables(variables);
  if (user !== undefined || text === undefined || container.runner.isBusy()) {
    const words: [string, string] = [pathOf(shell), file];
    const status = await engine.exec(container.name, { command: words, user, variables, onOutput, signal });
    // The client's own failures look like a command's; a container that is gone is none.
    if (status !== 0 && !signal.aborted && !(await engine.isRunning(container.name))) throw deadContainer("");
    return status;
  }
  writeFileSync(join(directory, "variables", variablesName), text, { mode: 0o600 });
  const place = { shell: pathOf(shell), file, variablesFile: `${variablesDirectory}/${variablesName}` };
  const status = await engine.runIn(container, { ...place, onOutput }, signal);
  if (status !== undefined) return status;
  if (signal.aborted) return 137;
  throw deadContainer("");
}
