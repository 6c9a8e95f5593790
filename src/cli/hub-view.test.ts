import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimulatedRequest } from "../docker-hub/request-log.ts";
import { formatHubRequest } from "./hub-view.ts";

const request: SimulatedRequest = {
  time: Date.parse("2026-11-24T12:34:56Z"),
  host: "127.0.0.1:5080",
  method: "GET",
  path: "/v2/library/httpd/manifests/2.4",
  address: "127.0.0.1",
  userAgent: undefined,
  account: undefined,
  status: 200,
  counted: true,
  remaining: 99,
  bytes: 1,
  fault: undefined,
};
const lineOf = (changes: Partial<SimulatedRequest>) =>
  formatHubRequest({ ...request, ...changes }, { style: (_, text) => text }).replace(/ {2,}/g, " | ");

test("a line tells when, who, what, the answer and the cost", () => {
  const who = "12:34:56 | 127.0.0.1 anonymous | GET | library/httpd/manifests/2.4";
  assert.equal(lineOf({}), `${who} | 200 | counted, 99 left`);
  assert.equal(lineOf({ counted: false }), `${who} | 200 | free, 99 left`);
  assert.equal(lineOf({ status: 429, counted: false, remaining: 0 }), `${who} | 429 | refused, 0 left`);
  assert.equal(lineOf({ status: 429, remaining: 0 }), `${who} | 429 | refused and counted, 0 left`);
  assert.match(lineOf({ account: "alice" }), /127\.0\.0\.1 alice/);
});

test("digests are cut, and what a fault did is told", () => {
  const hex = "0123456789abcdef".repeat(4);
  const content = `/registry-v2/docker/registry/v2/blobs/sha256/01/${hex}/data`;
  const rest = { remaining: undefined, counted: false };
  assert.match(lineOf({ path: content, ...rest }), /content sha256:0123456789ab… \| 200$/);
  assert.match(lineOf({ path: `/v2/a/b/blobs/sha256:${hex}`, ...rest }), /a\/b\/blobs\/sha256:0123456789ab… \| 200$/);
  assert.match(lineOf({ path: "/v2/", status: 0, fault: "hang", ...rest }), /\/v2\/ \| none \| fault: hang$/);
});
