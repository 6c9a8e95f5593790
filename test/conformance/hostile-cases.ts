// Names, references and headers that nobody honest sends: answered, and neither taken nor met with a 5xx.
import assert from "node:assert/strict";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/manifest.ts";
import { type ConformanceCase, type ConformanceGroup, locationOf } from "./conformance-group.ts";
import type { Answer, RegistryClient } from "./registry-client.ts";

const names = [
  "UPPER",
  "a//b",
  "../etc",
  "a/%2e%2e/b",
  "a%00b",
  "%zz",
  "-a",
  "a_-b",
  "é",
  `${"a".repeat(256)}`,
  "a%20b",
  ".",
];
const references = ["-tag", "..", "a%2Fb", "%00", "t".repeat(129), "sha256:", "sha256:..%2f..", "tag:more", "%ff"];
const contentRanges = [
  "x",
  "5-1",
  "-1",
  "0-",
  "0-99999999999999999999",
  "bytes */*",
  "0-1-2",
  "99999999999999999999-1",
];

export function hostileGroup(repository: string): ConformanceGroup {
  return {
    name: "hostile requests",
    cases: [
      ...names.map((name) => refusal(`repository ${name.slice(0, 20)}`, "GET", `${name}/tags/list`)),
      ...names.map((name) => refusal(`upload to repository ${name.slice(0, 20)}`, "POST", `${name}/blobs/uploads/`)),
      ...references.flatMap((reference) => [
        refusal(`GET manifest ${reference.slice(0, 20)}`, "GET", `${repository}/manifests/${reference}`),
        refusal(`PUT manifest ${reference.slice(0, 20)}`, "PUT", `${repository}/manifests/${reference}`, "{}"),
        refusal(`DELETE manifest ${reference.slice(0, 20)}`, "DELETE", `${repository}/manifests/${reference}`),
        refusal(`GET blob ${reference.slice(0, 20)}`, "GET", `${repository}/blobs/${reference}`),
        refusal(`upload session ${reference.slice(0, 20)}`, "GET", `${repository}/blobs/uploads/${reference}`),
      ]),
      ...contentRanges.map((range) => rangeCase(repository, range)),
      ...manifestBodies.map(([name, body]) =>
        refusal(`manifest that is ${name}`, "PUT", `${repository}/manifests/hostile`, body),
      ),
      ...["-1", "x", "1e9", "0x10", "99999999999999999999"].map((n) =>
        noDefect(`tags with n=${n}`, `${repository}/tags/list?n=${n}`),
      ),
      ...["POST", "PATCH"].map((method) =>
        refusal(`${method} of a manifest`, method, `${repository}/manifests/hostile`),
      ),
      refusal(
        "a manifest of more than 4 MiB",
        "PUT",
        `${repository}/manifests/hostile`,
        " ".repeat(4 * 1024 * 1024 + 1),
        400,
        413,
      ),
      refusal("an unknown end-point", "GET", `${repository}/unknown/thing`),
    ],
  };
}

const blob = digestOf("hostile");
const manifestBodies: [name: string, body: string][] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["null", "null"],
  ["a list", "[]"],
  ["a text", '"text"'],
  ["deep", "[".repeat(100_000)],
  ["schema 1", '{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[],"signatures":[]}'],
  ["without layers", '{"schemaVersion":2,"config":{}}'],
  ["with layers of null", `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${blob}","size":1},"layers":null}`],
  [
    "with a layer of null",
    `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${blob}","size":1},"layers":[null]}`,
  ],
  ["with a huge size", `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${blob}","size":1e99},"layers":[]}`],
  [
    "with a path for a digest",
    '{"schemaVersion":2,"config":{"mediaType":"a","digest":"../../x","size":1},"layers":[]}',
  ],
  [
    "with a subject of text",
    `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${blob}","size":1},"layers":[],"subject":"x"}`,
  ],
];

function expectRefusal({ status, body }: Answer, ...wanted: number[]): void {
  assert.ok(
    // Some servers redirect to a path without `..` first.
    wanted.length > 0 ? wanted.includes(status) : status >= 300 && status < 500,
    `status ${status}: ${body.toString("utf8").slice(0, 200)}`,
  );
}

function refusal(name: string, method: string, path: string, body = "", ...wanted: number[]): ConformanceCase {
  return {
    name,
    async run(registry) {
      const headers = { "content-type": mediaTypes.imageManifest };
      const parts = body === "" && method !== "PUT" ? {} : { body: Buffer.from(body), headers };
      expectRefusal(await registry.send(method, path, parts), ...wanted);
    },
  };
}

/** A registry may refuse or ignore it. */
function noDefect(name: string, path: string): ConformanceCase {
  return {
    name,
    async run(registry) {
      const { status } = await registry.send("GET", path);
      assert.ok(status < 500, String(status));
    },
  };
}

function rangeCase(repository: string, range: string): ConformanceCase {
  return {
    name: `chunk with Content-Range ${range}`,
    async run(registry: RegistryClient) {
      const location = locationOf(await registry.send("POST", `${repository}/blobs/uploads/`));
      const headers = { "content-range": range };
      // The spec binds the client only.
      const { status } = await registry.send("PATCH", location, { body: Buffer.from("chunk"), headers });
      assert.ok(status < 500, String(status));
    },
  };
}
