// What clients do that know no referrers API: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
import assert from "node:assert/strict";
import { type Digest, type DigestAlgorithm, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/manifest.ts";
import { type ConformanceGroup, expectStatus } from "./conformance-group.ts";
import { accept, pushManifest } from "./content-cases.ts";
import type { DataSet, TestManifest } from "./data-sets.ts";
import { pushBlob } from "./push-blob.ts";
import { expectReferrers } from "./referrer-cases.ts";
import type { RegistryClient } from "./registry-client.ts";

/** `set` holds manifests with a subject. */
export function tagSchemaGroup(set: DataSet, algorithm: DigestAlgorithm, repository: string): ConformanceGroup {
  const referrers = set.manifests.filter(({ subject }) => subject !== undefined);
  const subject = referrers[0]?.subject as Digest;
  const index = referrersIndex(referrers, algorithm);
  const tag = subject.replace(":", "-").slice(0, algorithm.length + 1 + 64);
  return {
    name: `${algorithm} referrers tag schema`,
    cases: [
      {
        name: "push the referrers and their index under the subject's tag",
        async run(registry) {
          for (const blob of set.blobs) await pushBlob(registry, repository, blob);
          for (const manifest of set.manifests) await pushManifest(registry, repository, manifest.digest, manifest);
          await pushManifest(registry, repository, tag, index);
        },
      },
      {
        name: "pull the index by the subject's tag",
        async run(registry: RegistryClient) {
          const answer = await registry.send("GET", `${repository}/manifests/${tag}`, { headers: { accept } });
          expectStatus(answer, 200);
          assert.deepEqual(answer.body, index.body);
        },
      },
      {
        name: "the referrers API tells the same",
        run: async (registry: RegistryClient) =>
          expectReferrers(await registry.send("GET", `${repository}/referrers/${subject}`), referrers),
      },
    ],
  };
}

function referrersIndex(referrers: readonly TestManifest[], algorithm: DigestAlgorithm): TestManifest {
  const manifests = referrers.map(({ mediaType, digest, body, artifactType, annotations }) => ({
    ...{ mediaType, digest, size: body.byteLength, artifactType, annotations },
  }));
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests }));
  return { digest: digestOf(body, algorithm), body, mediaType: mediaTypes.imageIndex };
}
