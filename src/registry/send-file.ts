import { read } from "node:fs";
import type { ServerResponse } from "node:http";
import type { ContentFile } from "../store/content-store.ts";
import type { BlockPool, LentBlock } from "./block-pool.ts";
import type { ByteRange } from "./byte-range.ts";
import type { BlockReader } from "./registry-content.ts";

/**
 * Writes a part of the file as the body, and ends the response. One block is read while the one before is being sent: this
 * reaches several times what a stream of the file does. Resolves too when the client has gone; throws where the file is
 * shorter than it was.
 */
export async function sendFile(
  file: ContentFile,
  { start, end }: ByteRange,
  response: ServerResponse,
  blocks: BlockPool,
): Promise<void> {
  let sent: Promise<void> | undefined;
  for (let position = start; position <= end && !response.destroyed; ) {
    const from = position;
    const { bytes, release } = await blocks.readInTurn(() => readBlock(file.fd, blocks, { start: from, end }));
    position += bytes.byteLength;
    await sent;
    sent = writeBlock(response, bytes, release);
  }
  await sent;
  if (!response.destroyed) response.end();
}

/** As sendFile, from blocks that are lent. Throws where the reader does: the response is broken off then. */
export async function sendBlocks(reader: BlockReader, response: ServerResponse): Promise<void> {
  response.once("close", reader.close);
  let sent: Promise<void> | undefined;
  try {
    while (!response.destroyed) {
      const block = await reader.next();
      if (block === undefined) break;
      await sent;
      sent = writeBlock(response, block.bytes, block.release);
    }
    await sent;
    if (!response.destroyed) response.end();
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    reader.close();
  }
}

/** The first bytes of the range, at least one. */
function readBlock(fd: number, blocks: BlockPool, { start, end }: ByteRange): Promise<LentBlock> {
  const wanted = end - start + 1;
  const { bytes, release } = blocks.lend(blocks.take(wanted));
  return new Promise((resolve, reject) => {
    read(fd, bytes, 0, Math.min(bytes.byteLength, wanted), start, (error, length) => {
      if (error === null && length > 0) return resolve({ bytes: bytes.subarray(0, length), release });
      release();
      reject(error ?? new Error(`the file ends at ${start}`));
    });
  });
}

/**
 * Resolves when the block is the kernel's, or when the client has gone: a write that is called back, even with an error, has
 * let go of its block. One that never is may still have it.
 */
function writeBlock(response: ServerResponse, block: Buffer, release: (isFree: boolean) => void): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (isFree: boolean) => {
      if (isOver) return;
      isOver = true;
      response.off("close", fail);
      release(isFree);
      resolve();
    };
    const fail = () => end(false);
    if (response.destroyed) return end(true);
    // Where the connection ends, not every write is called back.
    response.once("close", fail);
    response.write(block, () => end(true));
  });
}
