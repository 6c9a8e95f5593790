import assert from "node:assert/strict";
import { test } from "node:test";
import { isFargateSize, parseCpu, parseMemory } from "./fargate-size.ts";

const sizes: [cpu: number, memory: number, exists: boolean][] = [
  [256, 512, true],
  [256, 1024, true],
  [256, 2048, true],
  [256, 3072, false],
  [256, 1536, false],
  [512, 512, false],
  [512, 4096, true],
  [1024, 8192, true],
  [1024, 9216, false],
  [4096, 30_720, true],
  [8192, 20_480, true],
  [8192, 17_408, false],
  [16_384, 122_880, true],
  [300, 512, false],
];

for (const [cpu, memory, exists] of sizes) {
  test(`Fargate has ${exists ? "" : "no "}tasks of ${cpu} CPU units and ${memory} MiB`, () => {
    assert.equal(isFargateSize(cpu, memory), exists);
  });
}

test("sizes are read with and without unit", () => {
  assert.equal(parseCpu("256"), 256);
  assert.equal(parseCpu(".25 vCPU"), 256);
  assert.equal(parseCpu("1vcpu"), 1024);
  assert.equal(parseMemory("0.5 GB"), 512);
  assert.equal(parseMemory("2GB"), 2048);
  assert.equal(parseMemory("lots"), undefined);
  assert.equal(parseCpu(""), undefined);
});
