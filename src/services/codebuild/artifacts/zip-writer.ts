import { Readable } from "node:stream";
import { crc32, createDeflateRaw, deflateRawSync } from "node:zlib";
import { centralRecord, dataDescriptor, endRecords, isLarge, localHeader, type ZipRecord } from "./zip-records.ts";

/** A file of an archive, or a symbolic link: its mode says so, and its content is the target. */
export interface ZipEntry {
  name: string;
  /** Unix mode with the type of the file, inode(7). */
  mode: number;
  /** The whole content, or a stream of it. */
  content: Buffer | AsyncIterable<Buffer>;
  /** Of the content; a stream may turn out shorter. */
  size: number;
}

/** As fast as `zip`, and a tenth larger than its default. */
const compressionLevel = 1;

/** Bytes by which compression may make a small file longer. zlib's own 16 KiB for each output are gigabytes for many empty files. */
const headroom = 64;

/** Bytes of archive that are given on together. */
const blockSize = 128 * 1024;

/**
 * A zip archive as a stream: one entry at a time is in memory, and a slow reader is waited for. Times are fixed, so that the
 * same files make the same bytes. Written here since the libraries at hand compress small files five times slower.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zipStream(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): Readable {
  return Readable.from(gather(archiveOf(entries)), { objectMode: false, highWaterMark: blockSize });
}

async function* archiveOf(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): AsyncGenerator<Buffer> {
  const written: ZipRecord[] = [];
  let offset = 0;
  for await (const { name, mode, content, size } of entries) {
    const record: ZipRecord = { name: Buffer.from(name), mode, offset, crc: 0, size, compressedSize: 0, method: 8 };
    const parts = Buffer.isBuffer(content) ? packWhole(record, content) : packStream(record, content);
    for await (const part of parts) {
      offset += part.byteLength;
      yield part;
    }
    written.push(record);
  }
  const start = offset;
  for (const record of written) {
    const central = centralRecord(record);
    offset += central.byteLength;
    yield central;
  }
  yield endRecords(written.length, start, offset - start);
}

function* packWhole(record: ZipRecord, content: Buffer): Generator<Buffer> {
  const chunkSize = content.byteLength + headroom;
  const compressed = deflateRawSync(content, { level: compressionLevel, chunkSize });
  const isSmaller = compressed.byteLength < content.byteLength;
  const packed = isSmaller ? compressed : content;
  Object.assign(record, {
    method: isSmaller ? 8 : 0,
    crc: crc32(content),
    size: content.byteLength,
    compressedSize: packed.byteLength,
  });
  yield localHeader(record);
  yield packed;
}

/** What is only known at the end stands behind the content. */
async function* packStream(record: ZipRecord, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  record.isStreamed = true;
  record.isLarge = isLarge(record.size);
  yield localHeader(record);
  record.size = 0;
  const source = Readable.from(counted(record, content), { objectMode: false });
  const deflate = createDeflateRaw({ level: compressionLevel, chunkSize: blockSize });
  source.on("error", (error) => deflate.destroy(error));
  for await (const part of source.pipe(deflate) as AsyncIterable<Buffer>) {
    record.compressedSize += part.byteLength;
    yield part;
  }
  yield dataDescriptor(record);
}

async function* counted(record: ZipRecord, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    record.crc = crc32(chunk, record.crc);
    record.size += chunk.byteLength;
    yield chunk;
  }
}

/** Headers and small files come together: a chunk costs its reader the same whatever its length. */
async function* gather(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts) {
    waiting.push(part);
    bytes += part.byteLength;
    if (bytes < blockSize) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  yield Buffer.concat(waiting);
}
