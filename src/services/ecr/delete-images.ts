import type * as Sdk from "@aws-sdk/client-ecr";
import type { Registry } from "../../registry/registry.ts";
import type { ManifestRecord } from "../../registry/repository-records.ts";
import type { EcrRegion } from "./ecr-store.ts";
import { findImage, imageFailure } from "./find-image.ts";

/**
 * BatchDeleteImage: a tag is taken off, and with the last one the image goes; a digest takes the image with all of its
 * tags. An image that an index names stays.
 */
export function deleteImages(
  { registry, getRepository }: EcrRegion,
  input: Sdk.BatchDeleteImageCommandInput,
): { imageIds: Sdk.ImageIdentifier[]; failures: Sdk.ImageFailure[] } {
  const { name } = getRepository(input);
  const imageIds: Sdk.ImageIdentifier[] = [];
  const failures: Sdk.ImageFailure[] = [];
  for (const imageId of input.imageIds ?? []) {
    const record = findImage(registry, name, imageId);
    if (record === undefined) {
      failures.push(imageFailure(registry, name, imageId));
      continue;
    }
    const tags = registry.tagsByDigest(name).get(record.digest) ?? [];
    const goes = imageId.imageTag === undefined ? tags : [imageId.imageTag];
    const isWhole = goes.length === tags.length;
    const users = isWhole ? findIndexes(registry, name, record) : [];
    if (users.length > 0) {
      const failureReason = `Requested image referenced by manifest list: [${users.join(", ")}]`;
      failures.push({ imageId, failureCode: "ImageReferencedByManifestList", failureReason });
      continue;
    }
    registry.deleteManifest(name, isWhole ? record.digest : (imageId.imageTag as string));
    const imageDigest = record.digest;
    imageIds.push(...(goes.length === 0 ? [{ imageDigest }] : goes.map((imageTag) => ({ imageDigest, imageTag }))));
  }
  return { imageIds, failures };
}

function findIndexes(registry: Registry, repository: string, { digest }: ManifestRecord): string[] {
  const indexes = registry.listManifests(repository).filter(({ manifests }) => manifests.includes(digest));
  return indexes.map((index) => index.digest);
}
