// What `chubo run` adds to the docker commands of a build: the example's template with its two logins, build and push,
// beside the same commands in a shell, each against a fresh private engine and a simulated Docker Hub.
// `node bench/article-overhead.ts [--repetitions N]`; needs root, dockerd and the AWS CLI.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBuildEngine } from "../src/containers/start-build-engine.ts";
import { proxyVariables } from "../src/server/proxy-variables.ts";
import { stateLayout } from "../src/store/state-layout.ts";
import { alternate, readRepetitions } from "./alternate.ts";
import { runProgram } from "./run-program.ts";

const chubo = join(import.meta.dirname, "..", "bin", "chubo.js");
const example = join(import.meta.dirname, "..", "examples", "docker-hub-limit");
const app = join(example, "app");
const hub = ["--hub", "simulated", "--hub-account", "alice:correct-horse:business"];
const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/** The buildspec's commands, typed by hand. */
const handScript = `
set -eu
aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}
echo correct-horse | docker login --username alice --password-stdin
docker build -t "${registry}/$REPOSITORY:latest" .
docker push "${registry}/$REPOSITORY:latest"
`;

const repetitions = readRepetitions(process.argv.slice(2), 10);
const directory = mkdtempSync(join(tmpdir(), "cbo-"));
try {
  const server = await startServer(directory);
  try {
    printComparison(await alternate({ chubo: measureRun, hand: () => measureHand(server) }, repetitions));
  } finally {
    await server.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

interface Server {
  url: string;
  bundleFile: string;
  /** What `chubo up` says that the AWS tools need. */
  credentials: Record<string, string>;
  stop(): Promise<void>;
}

async function startServer(root: string): Promise<Server> {
  const port = await findFreePort();
  const state = join(root, "up");
  const words = [chubo, "up", ...hub, "--region", "us-east-1", "--state", state, "--port", String(port)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  const credentials = await readCredentials(child);
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.kill("SIGINT");
    });
  return { url: `http://127.0.0.1:${port}`, bundleFile: join(stateLayout(state).ca, "bundle.pem"), credentials, stop };
}

/** Resolves when the server has printed its `export AWS_…=…` lines, which it does once it listens. */
function readCredentials(child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      said += chunk;
      const exports = [...said.matchAll(/export (AWS_\w+)=(\S+)\s/g)].map(([, name, value]) => [name, value]);
      const credentials = Object.fromEntries(exports) as Record<string, string>;
      if ("AWS_ACCESS_KEY_ID" in credentials && "AWS_SECRET_ACCESS_KEY" in credentials) resolve(credentials);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("close", () => reject(new Error(`chubo up has ended:\n${said}`)));
  });
}

async function measureRun(): Promise<Record<string, number>> {
  const parameters = ["--parameter", "DockerHubUser=alice", "--parameter", "DockerHubPassword=correct-horse"];
  const places = ["--source", app, "--state", join(directory, "run"), "--environment", "host", "--engine", "docker"];
  const words = [chubo, "run", join(example, "with-login.yml"), ...places, ...hub, ...parameters, "--json"];
  const { startedAt, endedAt } = await runProgram([process.execPath, ...words], {
    directory,
    environment: process.env,
  });
  return { whole: endedAt - startedAt };
}

/** A repository of its own each time: layers that the registry has already would not be pushed again. */
async function measureHand({ url, bundleFile, credentials }: Server): Promise<Record<string, number>> {
  const work = mkdtempSync(join(directory, "h"));
  const repository = `hand/${work.slice(-6).toLowerCase()}`;
  const path = process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin";
  const variables = {
    ...proxyVariables({ proxyUrl: url, bundleFile }),
    ...credentials,
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const aws = { PATH: path, HOME: work, ...variables };
  await runProgram(["aws", "ecr", "create-repository", "--repository-name", repository], {
    directory,
    environment: aws,
  });
  const engineDirectory = join(work, "e");
  mkdirSync(engineDirectory, { mode: 0o700 });
  const startedAt = performance.now();
  const engine = await startBuildEngine({
    engine: "docker",
    directory: engineDirectory,
    proxyUrl: url,
    caBundle: bundleFile,
    path,
  });
  try {
    const environment = {
      ...aws,
      ...engine.environment,
      PATH: `${engine.binDirectory}:${path}`,
      REPOSITORY: repository,
    };
    const commands = await runProgram(["sh", "-c", handScript], { directory: app, environment });
    await engine.stop();
    return { whole: performance.now() - startedAt, commands: commands.endedAt - commands.startedAt };
  } finally {
    await engine.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

function printComparison({ chubo, hand }: Record<"chubo" | "hand", Record<string, number>>): void {
  const seconds = (milliseconds: number | undefined) => `${((milliseconds ?? 0) / 1000).toFixed(2)} s`;
  console.log(`medians of ${repetitions} alternating runs, Node ${process.version}`);
  console.log(`chubo run, whole               ${seconds(chubo.whole)}`);
  console.log(`by hand, engine and commands   ${seconds(hand.whole)}   of it commands ${seconds(hand.commands)}`);
  console.log(
    `ratio                          ${((chubo.whole ?? 0) / (hand.whole ?? 1)).toFixed(2)}   goal: 1.15 or less`,
  );
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
