import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAuthority } from "./route-request.ts";

for (const [text, expected] of [
  ["Registry-1.Docker.IO:443", { host: "registry-1.docker.io", port: 443 }],
  ["localhost", { host: "localhost", port: undefined }],
  ["[::1]:4566", { host: "::1", port: 4566 }],
  ["[fe80::1%eth0]", { host: "fe80::1%eth0", port: undefined }],
  ["my_bucket.s3.amazonaws.com:80", { host: "my_bucket.s3.amazonaws.com", port: 80 }],
  ["", undefined],
  ["host:", undefined],
  ["host:0", undefined],
  ["host:65536", undefined],
  ["::1:443", undefined],
  ["user@host:443", undefined],
  ["host/path", undefined],
  ["ho st:443", undefined],
] as const) {
  test(`reads ${JSON.stringify(text)} as ${expected === undefined ? "no authority" : "host and port"}`, () => {
    assert.deepEqual(parseAuthority(text), expected);
  });
}
