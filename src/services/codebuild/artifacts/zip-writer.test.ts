import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { fromBufferPromise } from "yauzl";
import { zipContents } from "../../../../test/builds/zip-contents.ts";
import { centralRecord, dataDescriptor, endRecords, localHeader } from "./zip-records.ts";
import { type ZipEntry, zipStream } from "./zip-writer.ts";

const fileMode = 0o100644;
const whole = (name: string, text: string): ZipEntry => ({
  name,
  mode: fileMode,
  content: Buffer.from(text),
  size: text.length,
});
const streamed = (name: string, parts: string[], size: number): ZipEntry => ({
  ...{ name, mode: fileMode, size },
  content: Readable.from(parts.map((part) => Buffer.from(part))),
});

test("an archive holds files of any size, name and kind", async () => {
  const entries = [
    whole("empty", ""),
    whole("short", "x"),
    whole("日本語/ü.txt", "text ".repeat(100)),
    streamed(
      "large",
      Array.from({ length: 50 }, () => "0123456789".repeat(10_000)),
      5_000_000,
    ),
    streamed("shrunk", ["abc"], 1000),
  ];
  const contents = await zipContents(await buffer(zipStream(entries)));
  assert.deepEqual(Object.keys(contents), ["empty", "short", "日本語/ü.txt", "large", "shrunk"]);
  assert.equal(contents.large?.length, 5_000_000);
  assert.deepEqual([contents.empty, contents.short, contents.shrunk], ["", "x", "abc"]);
});

test("an archive of nothing is one", async () => {
  assert.deepEqual(await zipContents(await buffer(zipStream([]))), {});
});

test("more than 65,535 files make a Zip64 archive", async () => {
  const entries = Array.from({ length: 65_600 }, (_, index) => whole(`f${index}`, ""));
  const { entryCount } = await fromBufferPromise(await buffer(zipStream(entries)));
  assert.equal(entryCount, 65_600);
});

test("an entry is read only when the archive is", async () => {
  let read = 0;
  function* entries() {
    for (let index = 0; index < 1000; index++) {
      read++;
      yield { ...whole(`f${index}`, ""), content: randomBytes(36_000) };
    }
  }
  const reader = zipStream(entries())[Symbol.asyncIterator]();
  await reader.next();
  assert.ok(read < 100, `${read} entries were read for the first block`);
  await reader.return?.();
});

test("a failure in the middle of a file is the archive's", async () => {
  async function* failing() {
    yield Buffer.from("x");
    throw new Error("the disk is gone");
  }
  const entry: ZipEntry = { name: "f", mode: fileMode, content: failing(), size: 1e6 };
  await assert.rejects(buffer(zipStream([entry])), /the disk is gone/);
});

test("sizes and offsets beyond four bytes stand in Zip64 records", () => {
  const large = 5 * 1024 ** 3;
  const record = {
    name: Buffer.from("f"),
    mode: fileMode,
    offset: large,
    crc: 1,
    size: large,
    compressedSize: 9,
    method: 8 as const,
  };
  const central = centralRecord(record);
  assert.equal(central.readUInt32LE(24), 0xffffffff);
  assert.equal(central.readUInt32LE(20), 9);
  // Header ID, length, size, offset: the compressed size fits and is not repeated.
  const extra = central.subarray(47);
  assert.deepEqual([extra.readUInt16LE(0), extra.readUInt16LE(2)], [1, 16]);
  assert.deepEqual([extra.readBigUInt64LE(4), extra.readBigUInt64LE(12)], [BigInt(large), BigInt(large)]);
  const streamedRecord = { ...record, isStreamed: true, isLarge: true };
  assert.equal(localHeader(streamedRecord).byteLength, 30 + 1 + 20);
  assert.equal(dataDescriptor(streamedRecord).byteLength, 24);
  assert.equal(endRecords(1, large, 100).byteLength, 56 + 20 + 22);
});
