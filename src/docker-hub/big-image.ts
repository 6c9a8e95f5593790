import { createCipheriv, createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { Digest } from "../oci/digest.ts";
import { type Layer, makeRepository } from "./image-recipe.ts";
import type { SimulatedBlob, SimulatedRepository } from "./simulated-images.ts";
import { formatFileHeader } from "./tar-archive.ts";

const layerCount = 5;
const layerSize = 40 * 1024 * 1024;
const chunkSize = 64 * 1024;
const headerSize = 512;
const trailerSize = 1024;
const contentEnd = layerSize - trailerSize;

/**
 * `chubo/big:200mb`: five layers of 40 MiB that no compression makes smaller, the same bytes on each machine. They are
 * made anew at each reading and held nowhere. Layers are plain archives, so a blob's digest is its diff ID as well.
 */
export async function makeBigImage(): Promise<SimulatedRepository> {
  const layers: Layer[] = [];
  for (let number = 1; number <= layerCount; number++) layers.push(await makeLayer(number));
  const recipe = { layers, command: ["true"], description: "200 MiB of noise that nothing runs" };
  return makeRepository(
    ["200mb", "latest"],
    [
      { architecture: "amd64", ...recipe },
      { architecture: "arm64", ...recipe },
    ],
  );
}

async function makeLayer(number: number): Promise<Layer> {
  const blob = noiseLayer(number);
  const digest = await digestOfBlob(blob);
  const mediaType = "application/vnd.oci.image.layer.v1.tar";
  return { descriptor: { mediaType, digest, size: blob.size }, blob, diffId: digest };
}

async function digestOfBlob({ size, read }: SimulatedBlob): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of read(0, size)) {
    hash.update(chunk as Buffer);
    // Others are served meanwhile.
    await setImmediate();
  }
  return `sha256:${hash.digest("hex")}`;
}

/** An archive of the one file `noise-NUMBER`. */
export function noiseLayer(number: number): SimulatedBlob {
  const key = createHash("sha256").update(`chubo/big layer ${number}`).digest().subarray(0, 16);
  const header = formatFileHeader(`noise-${number}`, contentEnd - headerSize);

  function* bytes(start: number, end: number): Generator<Buffer> {
    if (start < headerSize) yield header.subarray(start, Math.min(end, headerSize));
    yield* noise(key, Math.max(start, headerSize) - headerSize, Math.min(end, contentEnd) - headerSize);
    const zeros = end - Math.max(start, contentEnd);
    if (zeros > 0) yield Buffer.alloc(zeros);
  }

  return { size: layerSize, read: (start, end) => Readable.from(bytes(start, end)) };
}

/** The keystream of AES in counter mode, which can be entered at any block of 16 bytes. */
function* noise(key: Buffer, start: number, end: number): Generator<Buffer> {
  if (end <= start) return;
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(Math.floor(start / 16)), 8);
  const cipher = createCipheriv("aes-128-ctr", key, counter);
  const zeros = Buffer.alloc(chunkSize);
  cipher.update(zeros.subarray(0, start % 16));
  for (let position = start; position < end; position += chunkSize) {
    yield cipher.update(zeros.subarray(0, Math.min(chunkSize, end - position)));
  }
}
