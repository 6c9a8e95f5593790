// Chubo's registry beside CNCF Distribution: pulls by wrk, pushes by a client in a process of its own, in turn; medians.
// Only the ratios of one run mean something. Needs `wrk` and `docker-registry`, Debian's packages of these names.
// `node bench/serving.ts [--repetitions N] [--only WORD] [--directory DIR] [--distribution PROGRAM]`
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { alternate, type Subject } from "./alternate.ts";
import { runProgram } from "./run-program.ts";
import { type BenchRegistry, startChubo, startDistribution } from "./serving/registries.ts";
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
const program = join(import.meta.dirname, "..", "bin", "chubo.js");

interface Work {
  name: string;
  /** The figure that is compared first. */
  unit: "requestsPerSecond" | "bytesPerSecond";
  run(place: RegistryPlace, layers: readonly PushedBlob[]): ReturnType<Subject>;
}

const pullManifest = (connections: number): Work => ({
  name: `manifest GET by tag, ${connections} connections`,
  unit: "requestsPerSecond",
  run: ({ origin, repository, headers }) =>
    runWrk(`${origin}/v2/${repository}/manifests/latest`, {
      ...{ connections, seconds },
      // Distribution hides a manifest of OCI from clients that do not ask for one.
      headers: { ...headers, accept: imageManifest },
    }),
});

const pullBlob = (layer: number, connections: number): Work => ({
  name: `blob ${layerSizes[layer]} MB, ${connections} connections`,
  unit: "bytesPerSecond",
  run: ({ origin, repository, headers }, layers) =>
    runWrk(`${origin}/v2/${repository}/blobs/${layers[layer]?.digest}`, { connections, seconds, headers }),
});

const push = (megabytes: number, chunk?: number): Work => ({
  name: chunk === undefined ? `PUT ${megabytes} MB whole` : `PATCH ${megabytes} MB by ${chunk} MB`,
  unit: "bytesPerSecond",
  async run({ origin, repository, headers }) {
    const script = join(import.meta.dirname, "serving", "registry-client.ts");
    const words = [process.execPath, script, "--origin", origin, "--repository", repository];
    const sizes = ["--size", String(megabytes * megabyte), ...(chunk ? ["--chunk", String(chunk * megabyte)] : [])];
    const environment = { ...process.env, AUTHORIZATION: headers.authorization };
    const { stdout } = await runProgram([...words, ...sizes], { directory: ".", environment });
    const { milliseconds, size } = JSON.parse(stdout) as PushedBlob;
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
    flags: { type: "string", default: "" },
  },
});
const directory = mkdtempSync(join(values.directory, "chubo-serving-"));
const registries: Record<string, BenchRegistry> = {};
try {
  registries.distribution = await startDistribution(values.distribution, directory);
  registries.chubo = await startChubo(program, directory, values.flags.split(" ").filter(Boolean));
  await compare(registries as Record<"distribution" | "chubo", BenchRegistry>);
} finally {
  for (const { server } of Object.values(registries)) await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function compare({ distribution, chubo }: Record<"distribution" | "chubo", BenchRegistry>): Promise<void> {
  const layers = { distribution: await fill(distribution.place), chubo: await fill(chubo.place) };
  console.log(`load ${loadavg()[0]?.toFixed(1)}; ${values.repetitions} repetitions, medians, ratios to Distribution`);
  for (const work of works.filter(({ name }) => name.includes(values.only))) {
    const medians = await alternate(
      {
        distribution: () => work.run(distribution.place, layers.distribution),
        chubo: () => work.run(chubo.place, layers.chubo),
      },
      Number(values.repetitions),
    );
    report(work, medians.distribution, medians.chubo);
  }
  const peaks = [distribution, chubo].map(({ server }) => server.peakMemory() / megabyte) as [number, number];
  console.log(
    `peak memory: ${peaks.map((peak) => peak.toFixed(0)).join(" / ")} MB, ${(peaks[1] / peaks[0]).toFixed(2)}×`,
  );
}

/** The same pushes for both, but for the noise in them. */
async function fill(place: RegistryPlace): Promise<PushedBlob[]> {
  const layers: PushedBlob[] = [];
  for (const size of layerSizes) layers.push(await pushBlob(place, size * megabyte));
  await pushManifest(place, "latest", layers);
  return layers;
}

function report({ name, unit }: Work, peer: Record<string, number>, own: Record<string, number>): void {
  const [before = 0, after = 0] = [peer[unit], own[unit]];
  const shown = (figure: number) =>
    unit === "requestsPerSecond" ? `${figure.toFixed(0)} /s` : `${(figure / 1e9).toFixed(2)} GB/s`;
  const p99 =
    peer.p99 === undefined || own.p99 === undefined
      ? ""
      : `   p99 ${peer.p99.toFixed(1)} / ${own.p99.toFixed(1)} ms, ${(own.p99 / peer.p99).toFixed(2)}×`;
  console.log(`${name.padEnd(36)} ${shown(before)} / ${shown(after)}   ${(after / before).toFixed(1)}×${p99}`);
}
