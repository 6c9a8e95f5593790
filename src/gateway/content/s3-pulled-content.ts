import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { algorithmOf, type Digest, digestOf } from "../../oci/digest.ts";
import type { ManifestHead } from "../../registry/registry-content.ts";
import { DigestMismatch } from "../../store/content-store.ts";
import { ContentUnavailable, type PulledContent, type PulledTag } from "./pulled-content.ts";
import { startS3Blob } from "./s3-blob-writer.ts";
import { createS3Keys, type S3Keys } from "./s3-keys.ts";
import { openS3Objects, type S3Objects, type S3ObjectsOptions } from "./s3-objects.ts";
import { openS3Uploads } from "./upload-to-s3.ts";

export interface S3PulledContentOptions extends S3ObjectsOptions {
  /** Under which the keys lie; none where empty. */
  prefix: string;
  /** A directory of this process alone, for blobs on their way into the bucket. What is in it is removed. */
  scratch: string;
  /** Whole blobs may be read from S3 itself, by a URL that is good for a quarter of an hour. */
  redirectBlobs?: boolean;
  /** Of manifests that are kept in memory. */
  memoryBytes?: number;
}

export interface S3PulledContent extends PulledContent {
  close(): void;
}

/** Milliseconds that what the bucket said of a thing is taken for true without asking again. */
const memory = { tag: 2000, blob: 5 * 60_000, manifest: 60 * 60_000 };

/** Seconds; a client begins to read a blob soon after it was sent there, and what it has begun to read goes on. */
const presignedFor = 15 * 60;

/** Of a tag's record, each of which another replica's write may spoil. */
const writeRounds = 20;

interface S3Parts {
  objects: S3Objects;
  keys: S3Keys;
  manifests: LRUCache<string, { head: ManifestHead; body: Buffer }>;
  tags: LRUCache<string, PulledTag>;
  /** Sizes of blobs that are here, by the key of their link. */
  sizes: LRUCache<string, number>;
}

/**
 * `PulledContent` in a bucket that several replicas share. There is no cap: what goes, and when, is up to the bucket's
 * lifecycle rules. Whatever is gone is fetched again.
 */
export function openS3PulledContent(options: S3PulledContentOptions): S3PulledContent {
  const { prefix, scratch, redirectBlobs = false } = options;
  mkdirSync(scratch, { recursive: true });
  for (const name of readdirSync(scratch)) rmSync(join(scratch, name), { recursive: true, force: true });
  const objects = openS3Objects(options);
  const parts: S3Parts = {
    objects,
    keys: createS3Keys(prefix),
    manifests: new LRUCache({
      maxSize: options.memoryBytes ?? 64 * 1024 * 1024,
      sizeCalculation: ({ body }) => body.byteLength + 512,
      ttl: memory.manifest,
    }),
    tags: new LRUCache({ max: 10_000, ttl: memory.tag }),
    sizes: new LRUCache({ max: 50_000, ttl: memory.blob }),
  };
  return {
    ...tagVerbs(parts),
    ...manifestVerbs(parts),
    ...blobVerbs(parts, scratch),
    ...(redirectBlobs ? { blobLocation: (digest) => locate(parts, digest) } : {}),
    close: objects.close,
  };
}

/** A client that is sent to what is not there gets 404, which it takes for the image's end: it is looked for first. */
async function locate(parts: S3Parts, digest: Digest): Promise<string> {
  const key = parts.keys.blob(digest);
  if ((await parts.objects.head(key)) === undefined) throw forget(parts, digest);
  return parts.objects.presign(key, presignedFor);
}

/** A lifecycle rule removed it: the next pull is to fetch it again. */
function forget({ sizes }: S3Parts, digest: Digest): ContentUnavailable {
  for (const key of sizes.keys()) if (key.endsWith(`/${digest.replace(":", "/")}`)) sizes.delete(key);
  return new ContentUnavailable(`blob ${digest} is no longer there`);
}

function tagVerbs({ objects, keys, tags }: S3Parts): Pick<PulledContent, "findTag" | "putTag" | "deleteTag"> {
  async function read(key: string): Promise<{ tag: PulledTag; etag: string } | undefined> {
    const object = await objects.get(key);
    if (object === undefined) return undefined;
    const tag = parseTag(object.body, key);
    tags.set(key, tag);
    return { tag, etag: object.etag };
  }
  return {
    async findTag(repository, name, { fresh = false } = {}) {
      const key = keys.tag(repository, name);
      return (fresh ? undefined : tags.get(key)) ?? (await read(key))?.tag;
    },
    /** What was checked last holds, in whatever order the writes arrive. */
    async putTag(repository, tag) {
      const key = keys.tag(repository, tag.tag);
      const { stale: _, ...head } = tag.head;
      const body = Buffer.from(JSON.stringify({ ...tag, head }));
      for (let round = 0; round < writeRounds; round++) {
        const known = await read(key);
        if (known !== undefined && known.tag.checkedAt > tag.checkedAt) return;
        if (await objects.put(key, body, { contentType: "application/json", replaces: known?.etag ?? "none" })) {
          tags.set(key, { ...tag, head });
          return;
        }
      }
      throw new ContentUnavailable(`${key} in the bucket is being changed all the time`);
    },
    async deleteTag(repository, name) {
      const key = keys.tag(repository, name);
      await objects.delete(key);
      tags.delete(key);
    },
  };
}

function manifestVerbs({ objects, keys, manifests }: S3Parts): Pick<PulledContent, "findManifest" | "putManifest"> {
  return {
    async findManifest(repository, digest) {
      const key = keys.manifest(repository, digest);
      const held = manifests.get(key);
      if (held !== undefined) return held;
      const object = await objects.get(key);
      // What somebody changed in the bucket is not this manifest: it is fetched again, and the object replaced.
      if (object === undefined || digestOf(object.body, algorithmOf(digest)) !== digest) return undefined;
      const { body, contentType: mediaType } = object;
      const manifest = { head: { digest, mediaType, size: body.byteLength }, body };
      manifests.set(key, manifest);
      return manifest;
    },
    async putManifest(repository, { digest, mediaType, size }, body) {
      const actual = digestOf(body, algorithmOf(digest));
      if (actual !== digest) throw new DigestMismatch(`content has digest ${actual}, not ${digest}`);
      const key = keys.manifest(repository, digest);
      await objects.put(key, body, { contentType: mediaType });
      manifests.set(key, { head: { digest, mediaType, size }, body });
    },
  };
}

function blobVerbs(
  parts: S3Parts,
  scratch: string,
): Pick<PulledContent, "findBlob" | "linkBlob" | "isBlobHere" | "readBlob" | "startBlob"> {
  const { objects, keys, sizes } = parts;
  const uploads = openS3Uploads(objects);
  return {
    async findBlob(repository, digest) {
      const key = keys.link(repository, digest);
      const known = sizes.get(key);
      if (known !== undefined) return known;
      const [shown, size] = await Promise.all([objects.get(key), objects.head(keys.blob(digest))]);
      if (shown === undefined || size === undefined) return undefined;
      sizes.set(key, size);
      return size;
    },
    isBlobHere: async (digest) => (await objects.head(keys.blob(digest))) !== undefined,
    async linkBlob(repository, digest) {
      const size = await objects.head(keys.blob(digest));
      if (size === undefined) return false;
      const key = keys.link(repository, digest);
      if (sizes.get(key) === undefined) await objects.put(key, Buffer.alloc(0));
      sizes.set(key, size);
      return true;
    },
    async readBlob(digest, range) {
      const stream = await objects.stream(keys.blob(digest), range);
      if (stream !== undefined) return stream;
      throw forget(parts, digest);
    },
    startBlob: (repository, size, expected) =>
      startS3Blob(
        {
          scratch,
          begin: (digest, source) => uploads.begin(keys.blob(digest), source),
          // The link goes first: whoever sees the blob sees in which repository it is shown.
          async store(name, digest, size, upload) {
            await objects.put(keys.link(name, digest), Buffer.alloc(0));
            // Another replica may have brought it meanwhile.
            if ((await objects.head(keys.blob(digest))) === size) await upload.abort();
            else await upload.complete();
            sizes.set(keys.link(name, digest), size);
          },
        },
        repository,
        size,
        expected,
      ),
  };
}

function parseTag(body: Buffer, key: string): PulledTag {
  try {
    const { tag, head, checkedAt } = JSON.parse(body.toString()) as PulledTag;
    if (typeof tag === "string" && typeof head?.digest === "string" && typeof checkedAt === "number") {
      return { tag, head, checkedAt };
    }
  } catch {
    // Said below.
  }
  throw new ContentUnavailable(`${key} in the bucket is no tag's record: somebody else has written it`);
}
