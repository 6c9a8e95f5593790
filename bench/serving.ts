// Chubo's registry and its gateway beside CNCF Distribution: pulls by wrk, pushes by a client in a process of its own, in turn; medians.
// Only the ratios of one run mean something. Needs `wrk` and `docker-registry`, Debian's packages of these names.
// `node bench/serving.ts [--repetitions N] [--only WORD] [--directory DIR] [--distribution PROGRAM] [--before CHECKOUT]
// [--node-flags=FLAGS]`; `--before` measures another checkout beside them.
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { alternate, type Subject } from "./alternate.ts";
import { runProgram } from "./run-program.ts";
import { type BenchRegistry, startChubo, startDistribution, startGateway } from "./serving/registries.ts";
import {
  imageManifest,
  type PushedBlob,
  pushBlob,
  pushManifest,
  type RegistryPlace,
} from "./serving/registry-client.ts";
import { runWrk } from "./serving/wrk.ts";

const megabyte = 1_000_000;
const seconds = 2;
const layerSizes = [1, 64, 512];
const peer = "distribution";
const formats = {
  requestsPerSecond: (figure: number) => `${figure.toFixed(0)}/s`,
  bytesPerSecond: (figure: number) => `${(figure / 1e9).toFixed(2)} GB/s`,
  peak: (figure: number) => `${(figure / megabyte).toFixed(0)} MB`,
};

interface Work {
  name: string;
  /** The figure that is compared first. */
  unit: keyof typeof formats;
  isPush?: boolean;
  run(registry: BenchRegistry, layers: readonly PushedBlob[]): ReturnType<Subject>;
}

const pullManifest = (connections: number): Work => ({
  name: `manifest GET by tag, ${connections} connections`,
  unit: "requestsPerSecond",
  run: ({ place: { origin, repository, headers } }) =>
    runWrk(`${origin}/v2/${repository}/manifests/latest`, {
      ...{ connections, seconds },
      // Distribution hides a manifest of OCI from clients that do not ask for one.
      headers: { ...headers, accept: imageManifest },
    }),
});

const pullBlob = (layer: number, connections: number): Work => ({
  name: `blob ${layerSizes[layer]} MB, ${connections} connections`,
  unit: "bytesPerSecond",
  run: ({ place: { origin, repository, headers } }, layers) =>
    runWrk(`${origin}/v2/${repository}/blobs/${layers[layer]?.digest}`, { connections, seconds, headers }),
});

const push = (megabytes: number, chunk?: number): Work => ({
  name: chunk === undefined ? `PUT ${megabytes} MB whole` : `PATCH ${megabytes} MB by ${chunk} MB`,
  unit: "bytesPerSecond",
  isPush: true,
  async run({ place: { origin, repository, headers }, removeContent }) {
    const script = join(import.meta.dirname, "serving", "registry-client.ts");
    const words = [process.execPath, script, "--origin", origin, "--repository", repository];
    const sizes = ["--size", String(megabytes * megabyte), ...(chunk ? ["--chunk", String(chunk * megabyte)] : [])];
    // What the one before left unwritten is not this one's to wait for.
    await runProgram(["sync"], { directory: ".", environment: process.env });
    const environment = { ...process.env, AUTHORIZATION: headers.authorization };
    const { stdout } = await runProgram([...words, ...sizes], { directory: ".", environment });
    const { milliseconds, size, digest } = JSON.parse(stdout) as PushedBlob;
    // The next push finds its pages: a virtual machine's first touch of memory can cost more than all else in a push.
    removeContent(digest);
    return { bytesPerSecond: (1000 * size) / milliseconds };
  },
});

const works = [
  pullManifest(1),
  pullManifest(16),
  pullManifest(64),
  pullBlob(0, 1),
  pullBlob(0, 16),
  pullBlob(1, 4),
  pullBlob(2, 1),
  push(64),
  push(512),
  push(512, 10),
];

const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    directory: { type: "string", default: tmpdir() },
    distribution: { type: "string", default: "docker-registry" },
    before: { type: "string" },
    "node-flags": { type: "string", default: "" },
  },
});
const directory = mkdtempSync(join(values.directory, "chubo-serving-"));
const registries = new Map<string, BenchRegistry>();
try {
  registries.set(peer, await startDistribution(values.distribution, directory));
  if (values.before !== undefined) {
    registries.set("before", await startChubo(programOf(values.before), join(directory, "before")));
  }
  const flags = values["node-flags"].split(" ").filter((flag) => flag !== "");
  registries.set(
    "chubo",
    await startChubo(programOf(join(import.meta.dirname, "..")), join(directory, "chubo"), flags),
  );
  const gateway = await startGateway(
    programOf(join(import.meta.dirname, "..")),
    join(directory, "gateway"),
    (registries.get(peer) as BenchRegistry).place,
  );
  registries.set("gateway", gateway);
  await compare();
} finally {
  for (const { server } of registries.values()) await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

function programOf(checkout: string): string {
  return join(checkout, "bin", "chubo.js");
}

async function compare(): Promise<void> {
  const layers = new Map<string, PushedBlob[]>();
  for (const [name, { place, isGateway }] of registries) {
    layers.set(name, isGateway ? await pullOnce(place, layers.get(peer) ?? []) : await fill(place));
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(`load ${load}, ${values.repetitions} repetitions, medians; × is the ratio to Distribution`);
  for (const work of works.filter(({ name }) => name.includes(values.only))) {
    const able = [...registries].filter(([, { isGateway }]) => !(isGateway && work.isPush));
    const subjects = able.map(([name, registry]) => [name, () => work.run(registry, layers.get(name) ?? [])]);
    report(work, await alternate(Object.fromEntries(subjects) as Record<string, Subject>, Number(values.repetitions)));
  }
  const peaks = [...registries].map(([name, { server }]) => [name, { peak: server.peakMemory() }]);
  report({ name: "peak memory", unit: "peak" }, Object.fromEntries(peaks));
}

/** The same pushes for all, but for the noise in them. */
async function fill(place: RegistryPlace): Promise<PushedBlob[]> {
  const layers: PushedBlob[] = [];
  for (const size of layerSizes) layers.push(await pushBlob(place, size * megabyte));
  await pushManifest(place, "latest", layers);
  return layers;
}

/** So that the gateway has it all. */
async function pullOnce({ origin, repository }: RegistryPlace, layers: PushedBlob[]): Promise<PushedBlob[]> {
  const paths = ["manifests/latest", ...layers.map(({ digest }) => `blobs/${digest}`)];
  for (const path of paths) {
    const answer = await fetch(`${origin}/v2/${repository}/${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    for await (const _ of answer.body ?? []);
  }
  return layers;
}

function report({ name, unit }: Pick<Work, "name" | "unit">, medians: Record<string, Record<string, number>>): void {
  const other = medians[peer] ?? {};
  const columns = Object.entries(medians).map(([subject, figures]) => {
    const ratio = (figure: string) => `${((figures[figure] ?? 0) / (other[figure] ?? 0)).toFixed(2)}×`;
    const shown = [`${subject} ${formats[unit](figures[unit] ?? 0)}`, ...(subject === peer ? [] : [ratio(unit)])];
    const { p99 } = figures;
    if (p99 === undefined) return shown.join(" ");
    return [...shown, `p99 ${p99.toFixed(1)} ms`, ...(subject === peer ? [] : [ratio("p99")])].join(" ");
  });
  console.log(`${name.padEnd(36)} ${columns.join(" | ")}`);
}
