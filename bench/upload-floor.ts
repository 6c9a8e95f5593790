// What an upload of 512 MB costs at the least, each step alone and by Node's shortest way: processor time, and how long it takes.
// On two cores, which client and server share, an upload cannot be faster than half of the sum.
// The file's memory costs the more the longer a virtual machine has left it to its host: then "at most" is far away.
// `node bench/upload-floor.ts [--directory DIR]`
import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const size = 512_000_000;
const block = randomBytes(1_000_000);
const repetitions = 5;

const { values } = parseArgs({ options: { directory: { type: "string", default: tmpdir() } } });
const directory = mkdtempSync(join(values.directory, "chubo-floor-"));
try {
  await report("sha256", hash);
  await report("send and receive, 127.0.0.1", transfer);
  // Kept, so that each finds other pages and other blocks.
  await report("write and fsync of a new file", (round) => write(`file-${round}`));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function report(name: string, step: (round: number) => void | Promise<void>): Promise<void> {
  const rounds: { wall: number; cpu: number }[] = [];
  for (let round = 0; round < repetitions; round++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    await step(round);
    const { user, system } = process.cpuUsage(before);
    rounds.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
  }
  const shown = (figure: "wall" | "cpu") => {
    const sorted = rounds.map((round) => round[figure]).toSorted((one, other) => one - other);
    return `${sorted[repetitions >> 1]?.toFixed(0)} ms (at most ${sorted.at(-1)?.toFixed(0)})`;
  };
  console.log(`${name.padEnd(30)} ${shown("cpu")} of processor in ${shown("wall")}`);
}

function hash(): void {
  const sha256 = createHash("sha256");
  for (let at = 0; at < size; at += block.length) sha256.update(block);
  sha256.digest();
}

/** Both ends are in this process. */
async function transfer(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((socket) => socket.resume().once("close", resolve).once("error", reject));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").once("error", reject);
  for (let at = 0; at < size; at += block.length) await new Promise((sent) => client.write(block, sent));
  client.end();
  await promise;
  server.close();
}

function write(name: string): void {
  const file = openSync(join(directory, name), "w");
  for (let at = 0; at < size; at += block.length) writeSync(file, block);
  fsyncSync(file);
  closeSync(file);
}
