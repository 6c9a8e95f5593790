// Range requests on a blob of 2048 bytes. https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
import assert from "node:assert/strict";
import { type DigestAlgorithm, digestOf } from "../../src/oci/digest.ts";
import { type ConformanceGroup, expectStatus } from "./conformance-group.ts";
import { pushBlob } from "./push-blob.ts";

const size = 2048;

const satisfiable: [range: string, start: number, end: number][] = [
  ["500-1499", 500, 1499],
  ["500-", 500, size - 1],
  ["-500", size - 500, size - 1],
  ["2000-5000", 2000, size - 1],
  ["0-0", 0, 0],
  ["0-", 0, size - 1],
  ["-5000", 0, size - 1],
  ["2047-2047", size - 1, size - 1],
];
const unsatisfiable = ["500-0", "5000-10000", "2048-", "-0"];
/** A server may answer these whole. */
const ignored = ["bytes=0-9,20-29", "lines=1-2", "bytes=a-b", "bytes", "bytes=-"];

export function rangeGroup({
  algorithm,
  repository,
}: {
  algorithm: DigestAlgorithm;
  repository: string;
}): ConformanceGroup {
  const body = Buffer.from(Array.from({ length: size }, (_, position) => (position * 31) % 251));
  const digest = digestOf(body, algorithm);
  const path = `${repository}/blobs/${digest}`;
  return {
    name: `${algorithm} range requests`,
    cases: [
      { name: "push blob", run: (registry) => pushBlob(registry, repository, { digest, body }) },
      ...satisfiable.map(([range, start, end]) => ({
        name: `range ${range}`,
        async run(registry: Parameters<typeof pushBlob>[0]) {
          const answer = await registry.send("GET", path, { headers: { range: `bytes=${range}` } });
          expectStatus(answer, 206);
          assert.deepEqual(answer.body, body.subarray(start, end + 1));
          assert.equal(answer.headers["content-length"], String(end - start + 1));
          const told = answer.headers["content-range"] ?? "";
          assert.ok([`bytes ${start}-${end}/${size}`, `bytes ${start}-${end}/*`].includes(told), told);
        },
      })),
      ...unsatisfiable.map((range) => ({
        name: `range ${range}`,
        async run(registry: Parameters<typeof pushBlob>[0]) {
          const answer = await registry.send("GET", path, { headers: { range: `bytes=${range}` } });
          expectStatus(answer, 416);
          assert.equal(answer.headers["content-range"] ?? `bytes */${size}`, `bytes */${size}`);
        },
      })),
      ...ignored.map((range) => ({
        name: `range header ${range}`,
        async run(registry: Parameters<typeof pushBlob>[0]) {
          const answer = await registry.send("GET", path, { headers: { range } });
          expectStatus(answer, 200, 206, 400, 416);
          if (answer.status === 200) assert.deepEqual(answer.body, body);
        },
      })),
    ],
  };
}
