// How fast Node sends a blob here, with nothing of a registry's work, and what the clients of the benchmarks can take.
// `node bench/serving-floor.ts [--repetitions N]`; needs wrk.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { alternate, readRepetitions, type Subject } from "./alternate.ts";
import { drainBlob } from "./drain-blob.ts";
import { startServer } from "./server-process.ts";
import { runWrk } from "./serving/wrk.ts";

const repetitions = readRepetitions(process.argv.slice(2), 3);
const directory = mkdtempSync(join(tmpdir(), "chubo-serving-floor-"));
const file = join(directory, "blob");
const large = 512_000_000;
const layer = 40 * 1024 * 1024;
const kibibyte = 1024;

try {
  writeFileSync(file, Buffer.alloc(large, 1));
  const blocks = [256 * kibibyte, 1024 * kibibyte, 4096 * kibibyte];
  const subjects = blocks.flatMap((block): [string, Subject][] => [
    [`memory, ${block / kibibyte} KiB`, () => measure({ block, size: large }, pullByWrk)],
    [`file, ${block / kibibyte} KiB`, () => measure({ block, size: large, file }, pullByWrk)],
  ]);
  print("512 MB, 1 connection", "GB/s", await alternate(Object.fromEntries(subjects), repetitions));
  const pulls = { memory: () => measure({ block: 1024 * kibibyte, size: layer }, pullTwentyTimes) };
  print("20 light clients, 5 layers of 40 MiB each", "ms", await alternate(pulls, repetitions));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measure(
  server: { block: number; size: number; file?: string },
  pull: (origin: string) => Promise<number>,
): ReturnType<Subject> {
  const script = join(import.meta.dirname, "floors", "blob-server.ts");
  const words = Object.entries(server).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const started = await startServer([process.execPath, script, "--port", "{port}", ...words], { path: "/" });
  try {
    return { figure: await pull(started.origin) };
  } finally {
    await started.stop();
  }
}

async function pullByWrk(origin: string): Promise<number> {
  const { bytesPerSecond = 0 } = await runWrk(`${origin}/`, { connections: 1, seconds: 2, headers: {} });
  return bytesPerSecond / 1e9;
}

/** As light-client.ts does it: all connections of one process into one memory. */
async function pullTwentyTimes(origin: string): Promise<number> {
  const memory = new Uint8Array(256 * kibibyte);
  const start = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => drainBlob(new URL(origin), {}, { memory })));
  return performance.now() - start;
}

function print(title: string, unit: string, medians: Record<string, Record<string, number>>): void {
  console.log(`${title} (load ${loadavg()[0]?.toFixed(1)}, medians of ${repetitions})`);
  for (const [name, { figure = 0 }] of Object.entries(medians)) {
    console.log(`  ${name.padEnd(20)} ${figure.toFixed(unit === "ms" ? 0 : 2).padStart(6)} ${unit}`);
  }
}
