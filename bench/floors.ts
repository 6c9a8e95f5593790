// How fast a plain program is here: a bare Node server that only receives a push's bytes, hashes, writes and syncs them,
// and a bare relay between Docker Hub's simulator and skopeo, beside the gateway in its place. A server that overlaps the steps can be faster: upload-floor.ts.
// `node bench/floors.ts [--repetitions N]`; needs skopeo.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate, readRepetitions, type Subject } from "./alternate.ts";
import { runProgram } from "./run-program.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const repetitions = readRepetitions(process.argv.slice(2), 3);
const bench = import.meta.dirname;
const chubo = join(bench, "..", "bin", "chubo.js");
const directory = mkdtempSync(join(tmpdir(), "chubo-floor-"));
const pushed = 512_000_000;
const works = ["receive", "hash", "write", "sync"];

try {
  const push = works.map((work): [string, Subject] => [work, () => withServer(["--work", work], pushTo)]);
  print(`push of ${pushed / 1e6} MB`, await alternate(Object.fromEntries(push), repetitions));
  const hub = await startServer([process.execPath, chubo, "hub", "--port", "{port}", "--limit", "1000000"], {
    path: "/v2/",
  });
  try {
    await pullFrom(hub);
    const pull = works.map((work): [string, Subject] => [
      `relay and ${work}`,
      () => withServer(["--work", work, "--upstream", hub.origin], pullFrom),
    ]);
    const gateway: Subject = () => withProcess(gatewayTo(hub), pullFrom);
    const subjects = Object.fromEntries([["straight", () => pullFrom(hub)], ...pull, ["chubo gateway", gateway]]);
    print("cold pull of 200 MB by one skopeo", await alternate(subjects, repetitions));
  } finally {
    await hub.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function gatewayTo({ origin }: ServerProcess): string[] {
  const state = mkdtempSync(join(directory, "state-"));
  return [chubo, "gateway", "--listen", "127.0.0.1:{port}", "--state", state, "--upstream", `docker.io=${origin}`];
}

function withServer(words: readonly string[], measure: (server: ServerProcess) => ReturnType<Subject>) {
  const script = join(bench, "floors", "bare-server.ts");
  return withProcess([script, "--port", "{port}", "--directory", directory, ...words], measure);
}

async function withProcess(
  words: readonly string[],
  measure: (server: ServerProcess) => ReturnType<Subject>,
): ReturnType<Subject> {
  const server = await startServer([process.execPath, ...words], { path: "/v2/" });
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

async function pushTo({ origin }: ServerProcess): ReturnType<Subject> {
  await runProgram(["sync"], { directory, environment: process.env });
  const script = join(bench, "serving", "registry-client.ts");
  const words = [process.execPath, script, "--origin", origin, "--repository", "floor", "--size", String(pushed)];
  const { stdout } = await runProgram(words, { directory, environment: process.env });
  return { milliseconds: (JSON.parse(stdout) as { milliseconds: number }).milliseconds };
}

async function pullFrom({ origin }: ServerProcess): ReturnType<Subject> {
  const target = mkdtempSync("/dev/shm/chubo-floor-");
  const source = `docker://${origin.replace("http://", "")}/chubo/big:200mb`;
  const started = performance.now();
  const words = ["skopeo", "copy", "--quiet", "--src-tls-verify=false", source, `dir:${target}`];
  await runProgram(words, { directory, environment: process.env });
  const milliseconds = performance.now() - started;
  rmSync(target, { recursive: true });
  return { milliseconds };
}

function print(title: string, medians: Record<string, Record<string, number>>): void {
  console.log(`${title}, medians of ${repetitions}`);
  for (const [name, { milliseconds = 0 }] of Object.entries(medians)) {
    console.log(`  ${name.padEnd(20)} ${milliseconds.toFixed(0).padStart(6)} ms`);
  }
}
