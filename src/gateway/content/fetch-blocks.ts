import { setTimeout } from "node:timers/promises";
import { blockSize } from "../../registry/block-pool.ts";
import { gatherBlocks } from "../../store/gather-blocks.ts";
import type { UpstreamBlob } from "../upstream/upstream-client.ts";
import { UpstreamFailure } from "../upstream/upstream-failure.ts";

/** Tries in a row that bring no byte, until a blob is given up. */
const fruitlessTries = 3;
/** Milliseconds before the second fruitless try; each further one waits twice as long. */
const firstPause = 250;

export interface BlobSource {
  /** For messages. */
  name: string;
  /** Bytes of the whole, where it is known. */
  size: number | undefined;
  first: UpstreamBlob;
  fetch(start: number): Promise<UpstreamBlob | undefined>;
  signal: AbortSignal;
}

/**
 * A blob's bytes in large blocks from `start` on, resumed by Range where the connection is cut. An upstream that knows no
 * ranges sends all again, of which the known beginning is skipped. The blocks lie in what `take` gives. Throws
 * UpstreamFailure where it makes no headway or cannot be right, and the signal's reason where that is aborted.
 */
export async function* fetchBlocks(
  source: BlobSource,
  { start = 0, take = allocateBlock }: { start?: number; take?: () => Buffer } = {},
): AsyncGenerator<Buffer> {
  const { name, size, signal } = source;
  let part: UpstreamBlob | undefined = source.first;
  let received = start;
  let fruitless = 0;
  while (true) {
    const before = received;
    const end: PartEnd = {};
    for await (const block of readPart(source, part, received, end, take)) {
      received += block.byteLength;
      yield block;
    }
    part = undefined;
    signal.throwIfAborted();
    if (size === undefined ? end.cut === undefined : received >= size) return;
    fruitless = received > before ? 0 : fruitless + 1;
    if (fruitless >= fruitlessTries) throw noHeadway(name, end, `${received} of ${size} bytes`);
    if (fruitless > 0) await setTimeout(firstPause * 2 ** (fruitless - 1), undefined, { signal });
  }
}

function allocateBlock(): Buffer {
  return Buffer.allocUnsafeSlow(blockSize);
}

interface PartEnd {
  cut?: unknown;
}

/** One answer's bytes from `received` on. Where it is cut, it says so in `end` and ends. */
async function* readPart(
  source: BlobSource,
  given: UpstreamBlob | undefined,
  received: number,
  end: PartEnd,
  take: () => Buffer,
): AsyncGenerator<Buffer> {
  try {
    const { body, start } = given ?? (await resume(source, received));
    const stop = () => body.destroy();
    source.signal.addEventListener("abort", stop, { once: true });
    if (source.signal.aborted) stop();
    try {
      let skip = received - start;
      if (skip < 0) throw new UpstreamFailure("faulty", `${source.name} was asked for from ${received}, not ${start}`);
      for await (const block of gatherBlocks(body, take)) {
        const rest = block.subarray(Math.min(skip, block.byteLength));
        skip -= block.byteLength - rest.byteLength;
        if (rest.byteLength > 0) yield rest;
      }
    } finally {
      source.signal.removeEventListener("abort", stop);
      stop();
    }
  } catch (error) {
    if (error instanceof UpstreamFailure && error.kind !== "unavailable") throw error;
    end.cut = error;
  }
}

async function resume({ fetch, name, size }: BlobSource, start: number): Promise<UpstreamBlob> {
  const part = await fetch(start);
  if (part === undefined) throw new UpstreamFailure("faulty", `${name} vanished while it was read`);
  part.body.on("error", () => undefined);
  if (size === undefined || part.size === undefined || part.size === size) return part;
  part.body.destroy();
  throw new UpstreamFailure("faulty", `${name} has ${size} bytes in one answer and ${part.size} in the next`);
}

function noHeadway(name: string, { cut }: PartEnd, read: string): UpstreamFailure {
  if (cut === undefined) return new UpstreamFailure("faulty", `${name} ends after ${read}`);
  const reason = cut instanceof Error ? cut.message : String(cut);
  return new UpstreamFailure("unavailable", `${name} breaks off after ${read}: ${reason}`, { cause: cut });
}
