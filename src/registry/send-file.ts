import { read } from "node:fs";
import type { ServerResponse } from "node:http";
import type { ContentFile } from "../store/content-store.ts";
import type { BlockPool } from "./block-pool.ts";
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
    const { bytes, release } = blocks.lend(blocks.take(end - position + 1));
    const length = await readBlock(file.fd, bytes, end - position + 1, position).catch((error: unknown) => {
      release();
      throw error;
    });
    position += length;
    await sent;
    sent = writeBlock(response, length === bytes.byteLength ? bytes : bytes.subarray(0, length), release);
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

function readBlock(fd: number, block: Buffer, wanted: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, block, 0, Math.min(block.byteLength, wanted), position, (error, bytesRead) => {
      if (error !== null) reject(error);
      else if (bytesRead === 0) reject(new Error(`the file ends at ${position}`));
      else resolve(bytesRead);
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
