import type * as Sdk from "@aws-sdk/client-ecr";
import type { Registry } from "../../registry/registry.ts";
import type { ManifestRecord } from "../../registry/repository-records.ts";

/** An image by digest, tag, or both, which must agree. */
export function findImage(registry: Registry, repository: string, id: Sdk.ImageIdentifier): ManifestRecord | undefined {
  const reference = id.imageTag ?? id.imageDigest;
  const record = reference === undefined ? undefined : registry.manifestExists(repository, reference);
  return id.imageDigest === undefined || record?.digest === id.imageDigest ? record : undefined;
}

/** Why `findImage` found nothing, as a failure of a batch. */
export function imageFailure(registry: Registry, repository: string, imageId: Sdk.ImageIdentifier): Sdk.ImageFailure {
  const { imageTag, imageDigest } = imageId;
  if (imageTag === undefined && imageDigest === undefined) {
    return {
      imageId,
      failureCode: "MissingDigestAndTag",
      failureReason: "Invalid request parameters: both tag and digest cannot be null",
    };
  }
  if (imageDigest !== undefined && !/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(imageDigest)) {
    return {
      imageId,
      failureCode: "InvalidImageDigest",
      failureReason:
        "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    };
  }
  if (
    imageTag !== undefined &&
    imageDigest !== undefined &&
    registry.manifestExists(repository, imageTag) !== undefined
  ) {
    return {
      imageId,
      failureCode: "ImageTagDoesNotMatchDigest",
      failureReason: "Requested tag does not match the given digest",
    };
  }
  return { imageId, failureCode: "ImageNotFound", failureReason: "Requested image not found" };
}
