import { type Digest, isDigest } from "../oci/digest.ts";
import { parseImageReference } from "../oci/image-reference.ts";
import type { Descriptor } from "../oci/manifest.ts";
import { parseManifest } from "../registry/parse-manifest.ts";
import type { RegistryContent } from "../registry/registry-content.ts";
import { RegistryError } from "../registry/registry-error.ts";

export interface PrefetchOptions {
  /** With canonical repositories. */
  content: RegistryContent;
  /** Size of a blob that is stored already. */
  findStored(repository: string, digest: Digest): Promise<number | undefined>;
  /** `linux/amd64`, `linux/arm/v7`; undefined is all. Of an image for one platform alone that one is taken. */
  platforms: readonly string[] | undefined;
  sleep(milliseconds: number): Promise<void>;
}

/** A blob is sent before the disk has it. Milliseconds between two looks, and looks at the most: half a minute. */
const storingPause = 20;
const storingLooks = 1500;

export interface PrefetchedImage {
  /** Canonical: `docker.io/library/httpd:2.4`. */
  reference: string;
  digest: Digest;
  manifests: number;
  blobs: number;
  /** Of the image's blobs, and of those that had to be fetched. */
  bytes: number;
  fetchedBytes: number;
}

/** Canonical repository, and a tag or digest. Throws NAME_INVALID. */
export function parsePrefetchReference(text: string): { repository: string; reference: string } {
  try {
    const { registry, repository, tag, digest } = parseImageReference(text);
    return { repository: `${registry}/${repository}`, reference: digest ?? tag ?? "latest" };
  } catch (cause) {
    throw new RegistryError("NAME_INVALID", { message: (cause as Error).message, cause });
  }
}

/** Pulls an image through, whole, as a client would. Throws RegistryError. */
export async function prefetchImage(text: string, options: PrefetchOptions): Promise<PrefetchedImage> {
  const { repository, reference: wanted } = parsePrefetchReference(text);
  const top = await getManifest(options.content, repository, wanted);
  const image: PrefetchedImage = {
    reference: `${repository}${isDigest(wanted) ? "@" : ":"}${wanted}`,
    ...{ digest: top.digest, manifests: 0, blobs: 0, bytes: 0, fetchedBytes: 0 },
  };
  const seen = new Set<Digest>();

  async function take({ manifests, blobs }: FoundManifest): Promise<void> {
    image.manifests += 1;
    for (const blob of blobs) {
      if (seen.has(blob.digest)) continue;
      seen.add(blob.digest);
      await takeBlob(blob);
    }
    for (const child of choose(manifests, options.platforms, image.reference)) {
      if (seen.has(child.digest)) continue;
      seen.add(child.digest);
      await take(await getManifest(options.content, repository, child.digest));
    }
  }

  async function takeBlob({ digest, size }: Descriptor): Promise<void> {
    image.blobs += 1;
    image.bytes += size;
    if ((await options.findStored(repository, digest)) !== undefined) return;
    image.fetchedBytes += await readBlob(options.content, repository, digest);
    for (let looks = 0; (await options.findStored(repository, digest)) === undefined; looks++) {
      if (looks === storingLooks) throw new RegistryError("UNAVAILABLE", { message: `${digest} could not be stored` });
      await options.sleep(storingPause);
    }
  }

  await take(top);
  return image;
}

type FoundManifest = { digest: Digest; manifests: readonly Descriptor[]; blobs: readonly Descriptor[] };

async function getManifest(content: RegistryContent, repository: string, reference: string): Promise<FoundManifest> {
  const found = await content.pullManifest(repository, reference);
  if (found === undefined) {
    throw new RegistryError("MANIFEST_UNKNOWN", { message: `there is no ${repository} ${reference}` });
  }
  const { manifests, blobs } = parseManifest(found.body, found.record.mediaType);
  return { digest: found.record.digest, manifests, blobs };
}

/** Entries without a platform are not asked for by anybody's pull. */
function choose(manifests: readonly Descriptor[], platforms: readonly string[] | undefined, reference: string) {
  if (platforms === undefined || manifests.length === 0) return manifests;
  const chosen = manifests.filter(({ platform }) => platforms.some((wanted) => isPlatform(platform, wanted)));
  if (chosen.length > 0) return chosen;
  throw new RegistryError("MANIFEST_UNKNOWN", { message: `${reference} has no image for ${platforms.join(", ")}` });
}

function isPlatform(platform: Descriptor["platform"], wanted: string): boolean {
  if (platform === undefined) return false;
  const [os, architecture, variant] = wanted.split("/");
  const isVariant = variant === undefined || variant === platform.variant;
  return os === platform.os && architecture === platform.architecture && isVariant;
}

/** To its end, since only what is whole is kept. */
async function readBlob(content: RegistryContent, repository: string, digest: Digest): Promise<number> {
  const blob = await content.openBlob(repository, digest);
  if (blob === undefined)
    throw new RegistryError("BLOB_UNKNOWN", { message: `${repository} lacks its blob ${digest}` });
  let bytes = 0;
  for await (const chunk of (await blob.read()) as AsyncIterable<Buffer>) bytes += chunk.byteLength;
  return bytes;
}
