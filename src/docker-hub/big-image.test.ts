import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { noiseLayer } from "./big-image.ts";

const mebibyte = 1024 * 1024;
const read = async (number: number, start: number, end: number) =>
  Buffer.concat(await noiseLayer(number).read(start, end).toArray());

test("a layer of noise is an archive of one file", async () => {
  const { size } = noiseLayer(1);
  assert.equal(size, 40 * mebibyte);
  const list = execFileSync("tar", ["-tvf", "-"], { input: await read(1, 0, size), encoding: "utf8" });
  assert.match(list, /^-rw-r--r-- root\/root +41941504 .* noise-1\n$/);
});

test("noise is the same at each reading, wherever that begins, and another one in each layer", async () => {
  const whole = await read(2, 0, 2 * mebibyte);
  for (const [start, end] of [
    [0, 100],
    [500, 600],
    [512, 528],
    [70_003, 200_001],
  ] as const) {
    assert.ok((await read(2, start, end)).equals(whole.subarray(start, end)), `${start} to ${end}`);
  }
  assert.ok(!(await read(3, 0, mebibyte)).equals(whole.subarray(0, mebibyte)));
  const { size } = noiseLayer(2);
  assert.deepEqual(await read(2, size - 1024, size), Buffer.alloc(1024));
});

test("noise does not get smaller by compression", async () => {
  assert.ok(gzipSync(await read(1, 512, mebibyte)).length > mebibyte - 512);
});
