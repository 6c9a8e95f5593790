// Pulls of one image (5 layers, 200 MB) from the simulated Docker Hub: straight, through `chubo gateway`, and through
// CNCF Distribution as a pull-through cache (Debian's docker-registry), each with an empty store for each cold pull.
// `node bench/pull-through.ts [--repetitions N] [--only WORDS] [--program bin/chubo.js]`; needs docker-registry and skopeo.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { alternate, type Subject } from "./alternate.ts";
import type { PullFigures } from "./light-client.ts";
import { runProgram } from "./run-program.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const image = { repository: "chubo/big", tag: "200mb" };
const imageBytes = 200 * 1024 * 1024;
const many = 20;
const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    program: { type: "string", default: join(import.meta.dirname, "..", "bin", "chubo.js") },
  },
});
const chubo = resolve(values.program);
const lightClient = join(import.meta.dirname, "light-client.ts");
const directory = mkdtempSync(join(tmpdir(), "chubo-pull-"));
let stores = 0;

type Start = (hub: string) => Promise<ServerProcess>;

const caches: Record<"chubo" | "distribution", Start> = {
  chubo(hub) {
    const words = [
      "gateway",
      "--listen",
      "127.0.0.1:{port}",
      "--state",
      freshDirectory(),
      "--upstream",
      `docker.io=${hub}`,
    ];
    return startServer([process.execPath, chubo, ...words, "--quiet"], { path: "/v2/" });
  },
  distribution(hub) {
    const root = freshDirectory();
    const config = join(root, "config.yml");
    const lines = [
      "version: 0.1",
      "log: { level: error, accesslog: { disabled: true } }",
      "http: { addr: '127.0.0.1:{port}' }",
    ];
    const storage = [`storage: { filesystem: { rootdirectory: '${root}/data' } }`, `proxy: { remoteurl: '${hub}' }`];
    return startServer(["docker-registry", "serve", config], {
      path: "/v2/",
      prepare: (port) => writeFileSync(config, [...lines, ...storage, ""].join("\n").replace("{port}", String(port))),
      environment: { OTEL_TRACES_EXPORTER: "none" },
    });
  },
};

try {
  const hub = await startServer([process.execPath, chubo, "hub", "--port", "{port}", "--limit", "1000000"], {
    path: "/v2/",
  });
  try {
    // Its digests are made at the first question.
    await pullWithLightClients(hub, 1);
    await compare(hub);
  } finally {
    await hub.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(hub: ServerProcess): Promise<void> {
  const straight: Subject = async () => ({ ...(await pullWithSkopeo(hub, 1)) });
  const both = (measure: (cache: ServerProcess) => Promise<Record<string, number>>, isWarm = false) =>
    Object.fromEntries(
      Object.entries(caches).map(([name, start]) => [name, () => withCache(hub, start, measure, isWarm)]),
    ) as Record<keyof typeof caches, Subject>;
  await table("cold, 1 skopeo", { straight, ...both((cache) => pullWithSkopeo(cache, 1)) }, "straight");
  await table(
    "cold, 20 light clients",
    both((cache) => pullWithLightClients(cache, many)),
    "distribution",
  );
  await table(
    "cold, 20 skopeo",
    both((cache) => pullWithSkopeo(cache, many)),
    "distribution",
  );
  await table(
    "warm, 1 skopeo",
    both((cache) => pullWithSkopeo(cache, 1), true),
    "distribution",
  );
  await table(
    "warm, 1000 light clients' pulls of httpd",
    { chubo: () => withCache(hub, caches.chubo, pullThousand) },
    "chubo",
  );
}

/** What the cache asked of Docker Hub stands beside the time. */
async function withCache(
  hub: ServerProcess,
  start: Start,
  measure: (cache: ServerProcess) => Promise<Record<string, number>>,
  isWarm = false,
): Promise<Record<string, number>> {
  const cache = await start(hub.origin);
  try {
    if (isWarm) await pullWithLightClients(cache, 1);
    const before = await askedOf(hub);
    const figures = await measure(cache);
    const asked = (await askedOf(hub)).slice(before.length);
    const bytes = asked.reduce((sum, request) => sum + request.bytes, 0);
    const counted = asked.filter((request) => request.counted).length;
    return {
      ...figures,
      requests: asked.length,
      counted,
      "bytes/image": bytes / imageBytes,
      "peak MB": cache.peakMemory() / 1e6,
    };
  } finally {
    await cache.stop();
  }
}

async function askedOf(hub: ServerProcess): Promise<{ counted: boolean; bytes: number }[]> {
  return (await (await fetch(`${hub.origin}/_chubo/hub/requests`)).json()) as { counted: boolean; bytes: number }[];
}

async function pullWithSkopeo({ origin }: ServerProcess, count: number): Promise<Record<string, number>> {
  const source = `docker://${origin.replace("http://", "")}/${image.repository}:${image.tag}`;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: count }, async () => {
      const target = mkdtempSync("/dev/shm/chubo-pull-");
      const words = ["skopeo", "copy", "--quiet", "--src-tls-verify=false", source, `dir:${target}`];
      await runProgram(words, { directory, environment: process.env });
      rmSync(target, { recursive: true });
    }),
  );
  return { milliseconds: performance.now() - started };
}

/** All clients in one process of their own. */
async function pullWithLightClients({ origin }: ServerProcess, count: number): Promise<Record<string, number>> {
  const words = ["--origin", origin, "--repository", image.repository, "--tag", image.tag, "--clients", String(count)];
  const { stdout } = await runProgram([process.execPath, lightClient, ...words], {
    directory,
    environment: process.env,
  });
  const pulls = JSON.parse(stdout) as PullFigures[];
  const failed = pulls.filter(({ status, bytes }) => status !== 200 || bytes < imageBytes);
  if (failed.length > 0) throw new Error(`${failed.length} of ${count} pulls failed: ${JSON.stringify(failed[0])}`);
  return { milliseconds: Math.max(...pulls.map(({ milliseconds }) => milliseconds)) };
}

async function pullThousand({ origin }: ServerProcess): Promise<Record<string, number>> {
  const pull = ["--origin", origin, "--repository", "library/httpd", "--tag", "2.4"];
  const run = (clients: number) =>
    runProgram([process.execPath, lightClient, ...pull, "--clients", String(clients)], {
      directory,
      environment: process.env,
    });
  const started = performance.now();
  for (let round = 0; round < 20; round++) await run(50);
  return { milliseconds: performance.now() - started };
}

function freshDirectory(): string {
  const path = join(directory, String(stores++));
  mkdirSync(path);
  return path;
}

async function table<Name extends string>(title: string, subjects: Record<Name, Subject>, base: Name): Promise<void> {
  if (!title.includes(values.only)) return;
  const figures = await alternate(subjects, Number(values.repetitions));
  console.log(`\n${title} (medians of ${values.repetitions})`);
  for (const [name, medians] of Object.entries<Record<string, number>>(figures)) {
    const ratio = (medians.milliseconds as number) / (figures[base].milliseconds as number);
    const rest = Object.entries(medians).filter(([figure]) => figure !== "milliseconds");
    const told = rest.map(([figure, value]) => `${figure} ${value.toFixed(value < 10 ? 2 : 0)}`).join(", ");
    console.log(
      `  ${name.padEnd(13)}${(medians.milliseconds as number).toFixed(0).padStart(7)} ms  ${ratio.toFixed(2)}× ${told}`,
    );
  }
}
