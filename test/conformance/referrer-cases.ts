// Referrers: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
import assert from "node:assert/strict";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/manifest.ts";
import type { Referrer } from "../../src/registry/registry-content.ts";
import { type ConformanceCase, expectStatus } from "./conformance-group.ts";
import type { TestManifest } from "./data-sets.ts";
import type { Answer, RegistryClient } from "./registry-client.ts";

export function referrerCases(repository: string, manifests: readonly TestManifest[]): ConformanceCase[] {
  const bySubject = Map.groupBy(
    manifests.filter(({ subject }) => subject !== undefined),
    ({ subject }) => subject as Digest,
  );
  return [...bySubject].flatMap(([subject, referrers], position) => {
    const path = `${repository}/referrers/${subject}`;
    const name = `referrers of subject ${position + 1}`;
    const types = new Set(referrers.flatMap(({ artifactType }) => artifactType ?? []));
    return [
      {
        name,
        run: async (registry: RegistryClient) => expectReferrers(await registry.send("GET", path), referrers),
      },
      ...[...types].map((type) => ({
        name: `${name} of type ${type}`,
        async run(registry: RegistryClient) {
          const answer = await registry.send("GET", `${path}?artifactType=${encodeURIComponent(type)}`);
          expectFiltered(answer, referrers, type);
        },
      })),
      {
        name: `${name} of a type that none has`,
        async run(registry: RegistryClient) {
          const answer = await registry.send("GET", `${path}?artifactType=application/vnd.example.none`);
          expectFiltered(answer, referrers, "application/vnd.example.none");
        },
      },
    ];
  });
}

/** A registry may ignore the filter, and must say so where it did not. */
function expectFiltered(answer: Answer, referrers: readonly TestManifest[], type: string): void {
  const filters = answer.headers["oci-filters-applied"];
  if (filters === undefined) return expectReferrers(answer, referrers);
  assert.equal(filters, "artifactType");
  expectReferrers(
    answer,
    referrers.filter(({ artifactType }) => artifactType === type),
  );
}

export function expectReferrers(answer: Answer, referrers: readonly TestManifest[]): void {
  expectStatus(answer, 200);
  assert.equal(answer.headers["content-type"], mediaTypes.imageIndex);
  const index = JSON.parse(answer.body.toString("utf8")) as Record<string, unknown> & { manifests: Referrer[] };
  assert.equal(index.schemaVersion, 2);
  assert.equal(index.mediaType, mediaTypes.imageIndex);
  const expected = referrers.map(describeReferrer);
  for (const descriptor of expected) {
    const found = index.manifests.find(({ digest }) => digest === descriptor.digest);
    assert.deepEqual(found, descriptor);
  }
  // What was pushed by tag too may stand in the list under its sha256 digest as well.
  const known = new Set(referrers.flatMap(({ digest, body }) => [digest, digestOf(body)]));
  assert.ok(index.manifests.every(({ digest }) => known.has(digest)));
}

function describeReferrer({ mediaType, digest, body, artifactType, annotations }: TestManifest): Referrer {
  return {
    mediaType,
    digest,
    size: body.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
