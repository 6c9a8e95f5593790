import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { algorithmOf, type Digest } from "../../oci/digest.ts";
import type { OpenBlob } from "../../registry/registry-content.ts";
import type { UpstreamBlob } from "../upstream/upstream-client.ts";
import { UpstreamFailure } from "../upstream/upstream-failure.ts";
import { type ByteSpan, withheldSize } from "./arriving-blob.ts";
import { type BlobSource, fetchBlocks } from "./fetch-blocks.ts";

/**
 * A blob for which there is no room: straight from the upstream, at the client's pace, one fetch for each reader.
 * A whole blob is verified before its end is shown; a part of it cannot be, and is the client's to verify.
 */
export function passBlobThrough(source: Omit<BlobSource, "signal"> & { size: number }, digest: Digest): OpenBlob {
  const { size, name } = source;
  let first: UpstreamBlob | undefined = source.first;

  async function takeFirst(start: number): Promise<UpstreamBlob> {
    const unused = first;
    first = undefined;
    if (unused !== undefined && start === 0 && !unused.body.destroyed) return unused;
    unused?.body.destroy();
    const fetched = await source.fetch(start);
    if (fetched === undefined) throw new UpstreamFailure("faulty", `${name} vanished while it was read`);
    fetched.body.on("error", () => undefined);
    return fetched;
  }

  return {
    size,
    async read(range) {
      const start = range?.start ?? 0;
      const own: BlobSource = { ...source, first: await takeFirst(start), signal: new AbortController().signal };
      const blocks = fetchBlocks(own, { start });
      return Readable.from(range === undefined ? verified(blocks, digest, size, name) : cut(blocks, range), {
        objectMode: false,
      });
    },
    close: () => void first?.body.destroy(),
  };
}

async function* verified(blocks: AsyncIterable<Buffer>, digest: Digest, size: number, name: string) {
  const hash = createHash(algorithmOf(digest));
  const held: Buffer[] = [];
  let received = 0;
  for await (const block of blocks) {
    hash.update(block);
    const shown = Math.max(0, Math.min(block.byteLength, size - withheldSize - received));
    received += block.byteLength;
    if (shown > 0) yield block.subarray(0, shown);
    if (shown < block.byteLength) held.push(block.subarray(shown));
    if (received > size) throw new UpstreamFailure("faulty", `${name} is longer than its size`);
  }
  if (`${algorithmOf(digest)}:${hash.digest("hex")}` !== digest) {
    throw new UpstreamFailure("faulty", `${name} came with other bytes than its digest says`);
  }
  yield* held;
}

async function* cut(blocks: AsyncIterable<Buffer>, { start, end }: ByteSpan) {
  let left = end - start + 1;
  for await (const block of blocks) {
    yield block.subarray(0, left);
    left -= block.byteLength;
    if (left <= 0) return;
  }
}
