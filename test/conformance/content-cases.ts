// The life of one kind of content: pushed, found, pulled, listed, referred to, deleted.
import assert from "node:assert/strict";
import { algorithmOf, digestOf } from "../../src/oci/digest.ts";
import { type Descriptor, mediaTypes } from "../../src/oci/manifest.ts";
import { presenceCases, removalCases } from "./blob-cases.ts";
import { type ConformanceCase, type ConformanceGroup, expectStatus, locationOf } from "./conformance-group.ts";
import type { DataSet, TestManifest } from "./data-sets.ts";
import { pushBlob } from "./push-blob.ts";
import { referrerCases } from "./referrer-cases.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Without it some registries give no OCI manifest. */
export const accept = Object.values(mediaTypes).join(", ");

export function contentGroup(set: DataSet, repository: string): ConformanceGroup {
  const { blobs, manifests } = set;
  const named = (manifest: TestManifest) => `manifest ${manifests.indexOf(manifest) + 1} of ${manifests.length}`;
  return {
    name: set.name,
    cases: [
      ...blobs.flatMap((blob, position) => [
        { name: `push blob ${position + 1}`, run: (registry: RegistryClient) => pushBlob(registry, repository, blob) },
        ...presenceCases(repository, `blob ${position + 1}`, blob),
      ]),
      ...manifests.flatMap((manifest) => pushCases(repository, named(manifest), manifest)),
      ...manifests.flatMap((manifest) => pullCases(repository, named(manifest), manifest)),
      tagListCase(repository, manifests),
      ...referrerCases(repository, manifests),
      ...manifests.toReversed().flatMap((manifest) => deleteCases(repository, named(manifest), manifest)),
      ...blobs.flatMap((blob, position) => removalCases(repository, `blob ${position + 1}`, blob)),
    ],
  };
}

function pushCases(repository: string, name: string, manifest: TestManifest): ConformanceCase[] {
  const push = (reference: string) => ({
    name: `${name}: push by ${reference === manifest.tag ? "tag" : "digest"}`,
    run: (registry: RegistryClient) => pushManifest(registry, repository, reference, manifest),
  });
  return [push(manifest.digest), ...(manifest.tag === undefined ? [] : [push(manifest.tag)])];
}

export async function pushManifest(
  registry: RegistryClient,
  repository: string,
  reference: string,
  { body, mediaType, digest, subject }: TestManifest,
): Promise<void> {
  const headers = { "content-type": mediaType };
  const answer = await registry.send("PUT", `${repository}/manifests/${reference}`, { body, headers });
  expectStatus(answer, 201);
  const told = answer.headers["docker-content-digest"];
  if (reference === digest) assert.equal(told ?? digest, digest);
  if (subject !== undefined) assert.equal(answer.headers["oci-subject"], subject);
  const pulled = await registry.send("GET", locationOf(answer), { headers: { accept } });
  expectStatus(pulled, 200);
  assert.deepEqual(pulled.body, body);
}

function pullCases(
  repository: string,
  name: string,
  { digest, body, mediaType, tag }: TestManifest,
): ConformanceCase[] {
  const references: [kind: string, reference: string][] = [
    ["digest", digest],
    ...(tag === undefined ? [] : [["tag", tag] as [string, string]]),
  ];
  return references.flatMap(([kind, reference]) =>
    ["HEAD", "GET"].map((method) => ({
      name: `${name}: ${method === "HEAD" ? "head" : "pull"} by ${kind}`,
      async run(registry: RegistryClient) {
        const answer = await registry.send(method, `${repository}/manifests/${reference}`, { headers: { accept } });
        expectStatus(answer, 200);
        assert.equal(answer.headers["content-type"], mediaType);
        assert.equal(answer.headers["content-length"], String(body.byteLength));
        const told = String(answer.headers["docker-content-digest"] ?? digest);
        assert.equal(told, kind === "digest" ? digest : digestOf(body, algorithmOf(told as typeof digest)));
        if (method === "GET") assert.deepEqual(answer.body, body);
      },
    })),
  );
}

function tagListCase(repository: string, manifests: readonly TestManifest[]): ConformanceCase {
  const tags = manifests.flatMap(({ tag }) => tag ?? []).sort();
  return {
    name: "tag-list",
    async run(registry) {
      const answer = await registry.send("GET", `${repository}/tags/list`);
      // Without a tag a registry may not list the repository at all.
      expectStatus(answer, 200, ...(tags.length === 0 ? [404] : []));
      if (answer.status === 404) return;
      const list = JSON.parse(answer.body.toString("utf8")) as { name: string; tags: string[] | null };
      assert.deepEqual({ name: list.name, tags: list.tags ?? [] }, { name: repository, tags });
    },
  };
}

function deleteCases(repository: string, name: string, manifest: TestManifest): ConformanceCase[] {
  const { digest, tag, subject } = manifest;
  // Under a tag the registry may know the manifest by its sha256 digest.
  const digests = [...new Set([digest, ...(tag === undefined ? [] : [digestOf(manifest.body)])])];
  let isDisabled = false;
  const remove = (kind: string, reference: string, ...alsoAllowed: number[]): ConformanceCase[] => [
    {
      name: `${name}: delete by ${kind}`,
      async run(registry) {
        const answer = await registry.send("DELETE", `${repository}/manifests/${reference}`);
        expectStatus(answer, 202, 400, 405, ...alsoAllowed);
        isDisabled = answer.status === 400 || answer.status === 405;
      },
    },
    {
      name: `${name}: gone after delete by ${kind}`,
      async run(registry) {
        for (const method of ["GET", "HEAD"]) {
          const answer = await registry.send(method, `${repository}/manifests/${reference}`, { headers: { accept } });
          expectStatus(answer, isDisabled ? 200 : 404);
        }
      },
    },
  ];
  return [
    ...(tag === undefined ? [] : remove("tag", tag)),
    ...digests.flatMap((each) =>
      remove(each === digest ? "digest" : "its other digest", each, ...(each === digest ? [] : [404])),
    ),
    ...(subject === undefined
      ? []
      : [
          {
            name: `${name}: no longer a referrer`,
            async run(registry: RegistryClient) {
              const answer = await registry.send("GET", `${repository}/referrers/${subject}`);
              expectStatus(answer, 200);
              const { manifests } = JSON.parse(answer.body.toString("utf8")) as { manifests: Descriptor[] };
              assert.ok(manifests.every((descriptor) => !digests.includes(descriptor.digest)));
            },
          },
        ]),
  ];
}
