import { LRUCache } from "lru-cache";
import { algorithmOf, type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { isTag } from "../oci/image-reference.ts";
import { isStorageFull } from "../store/storage-full.ts";
import { type ParsedManifest, parseManifest } from "./parse-manifest.ts";
import type { Manifests, PushedManifest, RegistryRoom } from "./registry.ts";
import type { Referrer } from "./registry-content.ts";
import { RegistryError } from "./registry-error.ts";
import type { ManifestRecord, RepositoryRecords } from "./repository-records.ts";

/** Bytes. */
export const maximumManifestSize = 4 * 1024 * 1024;
/** Bytes of manifests that are kept ready to send. */
const readyBytes = 16 * 1024 * 1024;
const millisecondsOfDay = 24 * 3600 * 1000;

export function createManifests(room: RegistryRoom): Manifests {
  const manifestExists = (repository: string, reference: string) => findManifest(room.open(repository), reference);
  // Which of them may be shown is for the records to say; a body never changes under its digest.
  const ready = new LRUCache<Digest, Buffer>({ maxSize: readyBytes, sizeCalculation: (body) => body.byteLength + 512 });
  async function read(record: ManifestRecord) {
    const body = await room.content.readAll(record.digest);
    ready.set(record.digest, body);
    return { record, body };
  }
  return {
    manifestExists,
    pullManifest(repository, reference) {
      const records = room.open(repository);
      const record = findManifest(records, reference);
      if (record === undefined) return undefined;
      markPulled(room, records, record);
      const body = ready.get(record.digest);
      return body === undefined ? read(record) : { record, body };
    },
    pushManifest: (repository, reference, manifest) => pushManifest(room, repository, reference, manifest),
    deleteManifest: (repository, reference) => deleteManifest(room, room.open(repository), reference),
    listManifests: (repository) => room.open(repository).manifests.list(),
    listTags(repository, { last, limit = Number.POSITIVE_INFINITY } = {}) {
      const all = room.open(repository).tags.list();
      const rest = all.map(({ tag }) => tag).filter((tag) => last === undefined || tag > last);
      return { tags: rest.slice(0, limit), isTruncated: rest.length > limit };
    },
    tagsByDigest(repository) {
      const tags = room.open(repository).tags.list();
      const grouped = Map.groupBy(tags, ({ digest }) => digest);
      return new Map([...grouped].map(([digest, records]) => [digest, records.map(({ tag }) => tag)]));
    },
    listReferrers: (repository, subject) => listReferrers(room.open(repository), subject),
  };
}

function findManifest(records: RepositoryRecords, reference: string): ManifestRecord | undefined {
  const digest = isDigest(reference) ? reference : records.findTag(reference)?.digest;
  return digest === undefined ? undefined : records.findManifest(digest);
}

function markPulled(room: RegistryRoom, records: RepositoryRecords, record: ManifestRecord): void {
  const now = room.now().getTime();
  if (record.lastPulledAt !== undefined && now - record.lastPulledAt < millisecondsOfDay) return;
  try {
    records.manifests.put(record.digest, { ...record, lastPulledAt: now });
  } catch (error) {
    // Nobody is refused an image because its statistics find no room.
    if (!isStorageFull(error)) throw error;
  }
}

async function pushManifest(
  room: RegistryRoom,
  repository: string,
  reference: string,
  { body, mediaType, isImported = false }: PushedManifest,
): Promise<ManifestRecord> {
  const records = room.open(repository);
  const { digest, tag } = checkReference(reference, body);
  if (body.byteLength > maximumManifestSize) throw new RegistryError("SIZE_INVALID");
  const parsed = parseManifest(body, mediaType);
  const needed = isImported ? { ...parsed, manifests: [] } : parsed;
  checkTag(room, records, repository, tag, digest);
  checkReferences(records, needed);
  const record = makeRecord(room, records, parsed, digest, body);
  await room.content.write(records.manifestHolder, body, digest, () => {
    // Once more: another push or a delete may have come between.
    checkTag(room, room.open(repository), repository, tag, digest);
    checkReferences(records, needed);
    records.manifests.put(digest, record);
    if (tag !== undefined) records.tags.put(tag, { tag, digest });
    if (record.subject !== undefined) records.referrers.put(`${record.subject} ${digest}`, digest);
  });
  if (isImported) return record;
  room.onPush?.({
    repository,
    ...(tag === undefined ? {} : { tag }),
    digest,
    mediaType: record.mediaType,
    size: record.imageSize,
  });
  return record;
}

function checkReference(reference: string, body: Buffer): { digest: Digest; tag?: string } {
  if (isDigest(reference)) {
    const digest = digestOf(body, algorithmOf(reference));
    if (digest !== reference) throw new RegistryError("DIGEST_INVALID", { detail: { expected: reference, digest } });
    return { digest };
  }
  if (reference.includes(":")) throw new RegistryError("DIGEST_INVALID", { detail: reference });
  if (!isTag(reference)) throw new RegistryError("TAG_INVALID", { detail: reference });
  return { digest: digestOf(body), tag: reference };
}

function checkTag(
  room: RegistryRoom,
  records: RepositoryRecords,
  repository: string,
  tag: string | undefined,
  digest: Digest,
): void {
  const existing = tag === undefined ? undefined : records.tags.get(tag);
  if (existing !== undefined) room.policy.checkTagOverwrite(repository, existing.tag, existing.digest, digest);
}

function checkReferences(records: RepositoryRecords, { blobs, manifests }: ParsedManifest): void {
  const missing = [
    ...blobs.filter(({ digest }) => records.blobs.get(digest) === undefined),
    ...manifests.filter(({ digest }) => records.manifests.get(digest) === undefined),
  ].map(({ digest }) => digest);
  if (missing.length > 0) throw new RegistryError("MANIFEST_BLOB_UNKNOWN", { detail: { digests: missing } });
}

function makeRecord(
  room: RegistryRoom,
  records: RepositoryRecords,
  parsed: ParsedManifest,
  digest: Digest,
  body: Buffer,
): ManifestRecord {
  const { mediaType, blobs, manifests, subject, artifactType, annotations } = parsed;
  const sizes = manifests.map((child) => records.manifests.get(child.digest)?.imageSize ?? 0);
  return {
    digest,
    mediaType,
    size: body.byteLength,
    imageSize: manifests.length > 0 ? Math.max(...sizes) : blobs.reduce((sum, { size }) => sum + size, 0),
    blobs: blobs.map((blob) => blob.digest),
    manifests: manifests.map((child) => child.digest),
    ...(subject === undefined ? {} : { subject: subject.digest }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
    pushedAt: records.manifests.get(digest)?.pushedAt ?? room.now().getTime(),
  };
}

function deleteManifest(room: RegistryRoom, records: RepositoryRecords, reference: string): boolean {
  if (!isDigest(reference)) return records.tags.delete(reference);
  const record = records.manifests.get(reference);
  if (record === undefined) return false;
  room.store.transaction(() => {
    records.manifests.delete(reference);
    for (const { tag, digest } of records.tags.list()) if (digest === reference) records.tags.delete(tag);
    if (record.subject !== undefined) records.referrers.delete(`${record.subject} ${reference}`);
    room.content.release(records.manifestHolder, reference);
    releaseBlobs(room, records, record);
  });
  return true;
}

/** Lets go of the blobs that only this manifest used. */
function releaseBlobs(room: RegistryRoom, records: RepositoryRecords, deleted: ManifestRecord): void {
  const used = new Set(records.manifests.list().flatMap(({ blobs }) => blobs));
  for (const digest of deleted.blobs) {
    if (used.has(digest) || !records.blobs.delete(digest)) continue;
    room.content.release(records.blobHolder, digest);
  }
}

/**
 * Each manifest was noted when it was pushed, also by a client that keeps an index under the referrers tag. What only stands in
 * such an index and names no subject is no referrer:
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#enabling-the-referrers-api
 */
function listReferrers(records: RepositoryRecords, subject: Digest): Referrer[] {
  return records.referrers.list(`${subject} `).flatMap((digest) => {
    const record = records.manifests.get(digest);
    if (record === undefined) return [];
    const { mediaType, size, artifactType, annotations } = record;
    return {
      mediaType,
      digest,
      size,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
    };
  });
}
