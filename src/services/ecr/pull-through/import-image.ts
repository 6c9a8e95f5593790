import type { Digest } from "../../../oci/digest.ts";
import { parseManifest } from "../../../registry/parse-manifest.ts";
import type { Registry } from "../../../registry/registry.ts";
import type { ManifestHead } from "../../../registry/registry-content.ts";
import { RegistryError } from "../../../registry/registry-error.ts";
import type { UpstreamRegistry } from "./upstream-registry.ts";

interface ImportPlace {
  registry: Registry;
  repository: string;
  upstream: UpstreamRegistry;
  upstreamRepository: string;
}

/** Takes in a manifest with its blobs. Of an index only itself: each platform comes in when it is asked for. */
export async function importImage(
  place: ImportPlace,
  reference: string,
  { head, body }: { head: ManifestHead; body: Buffer },
): Promise<void> {
  const { registry, repository } = place;
  const { blobs } = parseManifest(body, head.mediaType);
  const digests = [...new Set(blobs.map(({ digest }) => digest))];
  await Promise.all(digests.map((digest) => importBlob(place, digest)));
  await registry.pushManifest(repository, reference, { body, mediaType: head.mediaType, isImported: true });
}

async function importBlob(
  { registry, repository, upstream, upstreamRepository }: ImportPlace,
  digest: Digest,
): Promise<void> {
  if ((await registry.blobExists(repository, digest)) !== undefined) return;
  const content = await upstream.getBlob(upstreamRepository, digest);
  if (content === undefined) {
    throw new RegistryError("UNAVAILABLE", { message: `the upstream registry has no ${digest} of its image` });
  }
  const id = await registry.startUpload(repository);
  try {
    await registry.finishUpload(repository, id, digest, { content });
  } catch (error) {
    content.destroy();
    registry.cancelUpload(repository, id);
    throw error;
  }
}
