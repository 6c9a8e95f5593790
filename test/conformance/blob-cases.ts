// Blobs by one digest algorithm: every way to push, to mount and to fail.
import assert from "node:assert/strict";
import { type DigestAlgorithm, digestOf } from "../../src/oci/digest.ts";
import {
  type ConformanceCase,
  type ConformanceGroup,
  expectError,
  expectStatus,
  locationOf,
  withQuery,
} from "./conformance-group.ts";
import type { TestBlob } from "./data-sets.ts";
import { type BlobPush, blobPushes, expectCreated, patchChunk, pushBlob, putBlob, startUpload } from "./push-blob.ts";
import type { RegistryClient } from "./registry-client.ts";

interface BlobPlace {
  algorithm: DigestAlgorithm;
  repository: string;
  /** Where blobs are mounted from. */
  other: string;
}

export function blobGroup(place: BlobPlace): ConformanceGroup {
  return {
    name: `${place.algorithm} blobs`,
    cases: [
      ...missingCases(place),
      ...Object.entries(blobPushes).flatMap(([way, push]) => pushCases(place, way, push)),
      ...mountCases(place),
      ...sessionCases(place),
      ...orderCases(place),
      ...wellKnownCases(place),
      ...Object.entries(blobPushes).flatMap(([way, push]) => badDigestCases(place, way, push)),
      ...malformedDigestCases(place),
    ],
  };
}

function testBlob({ algorithm }: BlobPlace, name: string): TestBlob {
  const body = Buffer.from(`${name} in ${algorithm}, `.repeat(32));
  return { digest: digestOf(body, algorithm), body };
}

function missingCases(place: BlobPlace): ConformanceCase[] {
  const { digest } = testBlob(place, "never pushed");
  return ["GET", "HEAD", "DELETE"].map((method) => ({
    name: `get-missing: ${method}`,
    async run(registry) {
      const answer = await registry.send(method, `${place.repository}/blobs/${digest}`);
      // Deletion may be disabled.
      expectStatus(answer, 404, ...(method === "DELETE" ? [400, 405] : []));
      if (method === "GET") expectError(answer, 404, "BLOB_UNKNOWN", "NAME_UNKNOWN");
    },
  }));
}

function pushCases(place: BlobPlace, way: string, push: BlobPush): ConformanceCase[] {
  const blob = testBlob(place, way);
  return [
    {
      name: `${way}: push`,
      run: async (registry) => expectCreated(await push(registry, place.repository, blob), blob),
    },
    ...presenceCases(place.repository, way, blob),
    ...removalCases(place.repository, way, blob),
  ];
}

/** HEAD and GET of what is there. */
export function presenceCases(repository: string, name: string, { digest, body }: TestBlob): ConformanceCase[] {
  const path = `${repository}/blobs/${digest}`;
  return [
    {
      name: `${name}: head blob`,
      async run(registry) {
        const { status, headers } = await registry.send("HEAD", path);
        assert.equal(status, 200);
        assert.equal(headers["content-length"], String(body.byteLength));
        expectDigest(headers["docker-content-digest"], body);
      },
    },
    {
      name: `${name}: pull blob`,
      async run(registry) {
        const answer = await registry.send("GET", path);
        expectStatus(answer, 200);
        assert.deepEqual(answer.body, body);
        expectDigest(answer.headers["docker-content-digest"], body);
      },
    },
  ];
}

/** It may be of another algorithm than was asked for. */
function expectDigest(header: string | string[] | undefined, body: Buffer): void {
  if (header === undefined) return;
  assert.equal(header, digestOf(body, header.includes("sha512:") ? "sha512" : "sha256"));
}

/** Blobs may go with their manifest, before anybody deletes them; deletion may be disabled. */
export function removalCases(repository: string, name: string, { digest }: TestBlob): ConformanceCase[] {
  const path = `${repository}/blobs/${digest}`;
  let isDisabled = false;
  return [
    {
      name: `${name}: delete blob`,
      async run(registry) {
        const answer = await registry.send("DELETE", path);
        expectStatus(answer, 202, 404, 405);
        isDisabled = answer.status === 405;
      },
    },
    {
      name: `${name}: blob is gone`,
      run: async (registry) => expectStatus(await registry.send("GET", path), isDisabled ? 200 : 404),
    },
  ];
}

function mountCases(place: BlobPlace): ConformanceCase[] {
  const { repository, other } = place;
  const kinds: [name: string, isPushed: boolean, query: string][] = [
    ["mount", true, `&from=${encodeURIComponent(other)}`],
    ["mount anonymous", true, ""],
    ["mount missing", false, `&from=${encodeURIComponent(other)}`],
    ["mount missing anonymous", false, ""],
  ];
  return kinds.flatMap(([name, isPushed, query]) => {
    const blob = testBlob(place, name);
    return [
      {
        name,
        async run(registry: RegistryClient) {
          if (isPushed) await pushBlob(registry, other, blob);
          const path = withQuery(`${repository}/blobs/uploads/`, "mount", blob.digest);
          const answer = await registry.send("POST", path + query);
          expectStatus(answer, 202, ...(isPushed ? [201] : []));
          const isMounted = answer.status === 201;
          expectCreated(isMounted ? answer : await putBlob(registry, locationOf(answer), blob, blob.body), blob);
        },
      },
      ...presenceCases(repository, name, blob),
      ...removalCases(repository, name, blob),
      ...(isPushed ? presenceCases(other, `${name}, its source`, blob) : []),
    ];
  });
}

function sessionCases(place: BlobPlace): ConformanceCase[] {
  const { repository } = place;
  const blob = testBlob(place, "session");
  return [
    {
      name: "post cancel",
      async run(registry) {
        const location = await startUpload(registry, repository, blob);
        expectStatus(await registry.send("DELETE", location), 204);
        expectStatus(await putBlob(registry, location, blob, blob.body), 404);
      },
    },
    {
      name: "upload status",
      async run(registry) {
        const location = await startUpload(registry, repository, blob);
        const patched = await patchChunk(registry, location, blob.body.subarray(0, 100), 0);
        const answer = await registry.send("GET", locationOf(patched));
        expectStatus(answer, 204);
        assert.equal(answer.headers.range?.replace("bytes=", ""), "0-99");
        locationOf(answer);
      },
    },
    {
      name: "upload unknown",
      async run(registry) {
        const answer = await registry.send("GET", `${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`);
        expectError(answer, [404, 400], "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID");
      },
    },
  ];
}

/** After a refusal the upload goes on where it stood. */
function orderCases(place: BlobPlace): ConformanceCase[] {
  const { repository } = place;
  const kinds: [name: string, refuse: (registry: RegistryClient, location: string, blob: TestBlob) => Promise<void>][] =
    [
      [
        "chunked out-of-order",
        async (registry, location, { body }) => {
          expectStatus(await patchChunk(registry, location, body.subarray(200), 200), 416);
        },
      ],
      [
        "chunked out-of-order and put chunk",
        async (registry, location, blob) => {
          expectStatus(await putBlob(registry, location, blob, blob.body.subarray(200), 200), 416);
        },
      ],
      [
        "chunked twice the same",
        async (registry, location, { body }) => {
          expectStatus(await patchChunk(registry, location, body.subarray(0, 100), 0), 416);
        },
      ],
    ];
  return kinds.flatMap(([name, refuse]) => {
    const blob = testBlob(place, name);
    return [
      {
        name,
        async run(registry: RegistryClient) {
          const location = await startUpload(registry, repository, blob);
          const first = await patchChunk(registry, location, blob.body.subarray(0, 100), 0);
          expectStatus(first, 202);
          await refuse(registry, locationOf(first), blob);
          const status = await registry.send("GET", locationOf(first));
          expectStatus(status, 204);
          assert.equal(status.headers.range?.replace("bytes=", ""), "0-99");
          const rest = await patchChunk(registry, locationOf(status), blob.body.subarray(100), 100);
          expectStatus(rest, 202);
          expectCreated(await putBlob(registry, locationOf(rest), blob), blob);
        },
      },
      ...presenceCases(repository, name, blob),
    ];
  });
}

function wellKnownCases(place: BlobPlace): ConformanceCase[] {
  const contents: [name: string, text: string, ways: (keyof typeof blobPushes)[]][] = [
    ["empty", "", ["post only", "post+put", "stream"]],
    ["emptyJSON", "{}", ["post only", "post+put", "chunked single", "stream"]],
  ];
  return contents.flatMap(([name, text, ways]) => {
    const body = Buffer.from(text);
    const blob = { body, digest: digestOf(body, place.algorithm) };
    return ways.flatMap((way) => [
      {
        name: `${name} ${way}: push`,
        run: async (registry: RegistryClient) =>
          expectCreated(await blobPushes[way](registry, place.repository, blob), blob),
      },
      ...presenceCases(place.repository, `${name} ${way}`, blob),
      ...removalCases(place.repository, `${name} ${way}`, blob),
    ]);
  });
}

function badDigestCases(place: BlobPlace, way: string, push: BlobPush): ConformanceCase[] {
  const { repository } = place;
  const { digest, body } = testBlob(place, `bad digest ${way}`);
  const blob = { digest, body: Buffer.concat([body, Buffer.from("what nobody expected")]) };
  return [
    {
      name: `bad digest ${way}`,
      run: async (registry) => expectError(await push(registry, repository, blob), 400, "DIGEST_INVALID"),
    },
    {
      name: `bad digest ${way}: nothing is kept`,
      async run(registry) {
        const right = digestOf(blob.body, place.algorithm);
        for (const wanted of [digest, right]) {
          expectStatus(await registry.send("GET", `${repository}/blobs/${wanted}`), 404);
        }
      },
    },
  ];
}

function malformedDigestCases({ repository, algorithm }: BlobPlace): ConformanceCase[] {
  const length = algorithm === "sha256" ? 64 : 128;
  const malformed: [name: string, digest: string][] = [
    ["too short", `${algorithm}:${"a".repeat(length - 1)}`],
    ["too long", `${algorithm}:${"a".repeat(length + 1)}`],
    ["not hexadecimal", `${algorithm}:${"z".repeat(length)}`],
    ["without algorithm", "a".repeat(length)],
  ];
  return malformed.map(([name, digest]) => ({
    name: `put digest ${name}`,
    async run(registry) {
      const location = await startUpload(registry, repository, { digest: digestOf(""), body: Buffer.alloc(0) });
      const answer = await registry.send("PUT", withQuery(location, "digest", digest), { body: Buffer.from("x") });
      expectError(answer, 400, "DIGEST_INVALID", "BLOB_UPLOAD_INVALID", "UNSUPPORTED");
    },
  }));
}
