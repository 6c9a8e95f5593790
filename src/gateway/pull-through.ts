import { algorithmOf, type Digest, digestOf, isDigest } from "../oci/digest.ts";
import type { ManifestHead, RegistryContent } from "../registry/registry-content.ts";
import { RegistryError } from "../registry/registry-error.ts";
import { type BlobDownloads, openStored } from "./content/blob-downloads.ts";
import type { PulledContent } from "./content/pulled-content.ts";
import type { Leases } from "./leases.ts";
import type { PullEvent, PullOutcome } from "./pull-events.ts";
import { openSingleFlight } from "./single-flight.ts";
import { openTagResolver, type TagPolicy } from "./tag-resolver.ts";
import type { UpstreamClient } from "./upstream/upstream-client.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

export interface PullThroughParts {
  /** As references name it: `docker.io`. */
  name: string;
  upstream: UpstreamClient;
  content: PulledContent;
  downloads: BlobDownloads;
  policy: TagPolicy;
  /** Of replicas that share the content. */
  leases: Leases;
  /** Milliseconds since 1970. */
  now(): number;
  onPull(event: PullEvent): void;
}

export type PulledManifest = { head: ManifestHead; body: Buffer };

/**
 * One upstream registry as content: what was pulled before is answered from the store, the rest is fetched once and kept.
 * Repositories are named as at the upstream (`library/httpd`). Throws UpstreamFailure.
 */
export function createPullThrough(parts: PullThroughParts): RegistryContent {
  const { name, upstream, content, downloads } = parts;
  /** What is kept when it has been fetched: looked for, then fetched, by one of all replicas. */
  const flights = openSingleFlight(parts.leases);
  /** What is not kept: each replica has to ask for itself. */
  const heads = openSingleFlight();
  const told = (kind: PullEvent["kind"], outcome: PullOutcome) => parts.onPull({ upstream: name, kind, outcome });
  const place = (repository: string) => `${name}/${repository}`;

  /** By digest, from the store or the upstream. */
  async function getManifest(repository: string, digest: Digest): Promise<PulledManifest | undefined> {
    const stored = await content.findManifest(place(repository), digest);
    if (stored !== undefined) {
      told("manifest", "hit");
      return stored;
    }
    return flights.run(`manifest ${place(repository)}@${digest}`, () => fetchManifest(repository, digest));
  }

  async function fetchManifest(repository: string, digest: Digest): Promise<PulledManifest | undefined> {
    // Another flight or replica may have landed between the look into the store and this one.
    const stored = await content.findManifest(place(repository), digest);
    if (stored !== undefined) return stored;
    const fetched = await upstream.getManifest(repository, digest);
    told("manifest", fetched === undefined ? "absent" : "miss");
    if (fetched === undefined) return undefined;
    const manifest = verified(name, fetched, digest);
    await content.putManifest(place(repository), manifest.head, manifest.body);
    return manifest;
  }

  const tags = openTagResolver({ ...parts, place, flights, getManifest, told });

  async function headDigest(repository: string, digest: Digest): Promise<ManifestHead | undefined> {
    const stored = await content.findManifest(place(repository), digest);
    if (stored !== undefined) return stored.head;
    return heads.run(`${repository}@${digest}`, () => upstream.headManifest(repository, digest));
  }

  return {
    manifestExists: (repository, reference) =>
      isDigest(reference) ? headDigest(repository, reference) : tags.resolve(repository, reference),
    async pullManifest(repository, reference) {
      if (isDigest(reference)) return recordOf(await getManifest(repository, reference));
      const head = await tags.resolve(repository, reference);
      const manifest = head === undefined ? undefined : await getManifest(repository, head.digest);
      return recordOf(manifest, head?.stale);
    },
    async blobExists(repository, digest) {
      const size = await content.findBlob(place(repository), digest);
      if (size !== undefined) return size;
      return heads.run(`${repository} ${digest}`, async () => {
        const told = await upstream.headBlob(repository, digest);
        // The upstream has just said that this repository holds it: what is here for another one need not be fetched.
        if (told !== undefined) await content.linkBlob(place(repository), digest);
        return told;
      });
    },
    async openBlob(repository, digest) {
      const size = await content.findBlob(place(repository), digest);
      told("blob", size === undefined ? "miss" : "hit");
      if (size !== undefined) return openStored(content, digest, size);
      return downloads.open(repository, digest);
    },
    async listTags(repository, page) {
      const listed = await upstream.listTags(repository, page);
      if (listed === undefined) throw new RegistryError("NAME_UNKNOWN", { detail: { name: place(repository) } });
      return listed;
    },
    listReferrers: (repository, subject) => upstream.listReferrers(repository, subject),
  };
}

function recordOf(manifest: PulledManifest | undefined, stale?: string) {
  if (manifest === undefined) return undefined;
  return { record: stale === undefined ? manifest.head : { ...manifest.head, stale }, body: manifest.body };
}

/** What an upstream sends for a digest is that, or it is nothing. */
function verified(upstream: string, { head, body }: PulledManifest, digest: Digest): PulledManifest {
  const actual = digestOf(body, algorithmOf(digest));
  if (actual !== digest) throw new UpstreamFailure("faulty", `${upstream} sent ${actual} for ${digest}`);
  return { head: { ...head, digest, size: body.byteLength }, body };
}
