import type * as Sdk from "@aws-sdk/client-ecr";
import type { EcrRegion } from "./ecr-store.ts";
import { findImage, imageFailure } from "./find-image.ts";

/** BatchGetImage. The manifest is given as it was pushed; ECR would convert it to an accepted media type. */
export async function getImages(
  { registry, getRepository }: EcrRegion,
  account: string,
  input: Sdk.BatchGetImageCommandInput,
): Promise<{ images: Sdk.Image[]; failures: Sdk.ImageFailure[] }> {
  const { name } = getRepository(input);
  const images: Sdk.Image[] = [];
  const failures: Sdk.ImageFailure[] = [];
  for (const imageId of input.imageIds ?? []) {
    const digest = findImage(registry, name, imageId)?.digest;
    const manifest = digest === undefined ? undefined : await registry.pullManifest(name, digest);
    if (manifest === undefined) {
      failures.push(imageFailure(registry, name, imageId));
      continue;
    }
    const { record, body } = manifest;
    images.push({
      registryId: account,
      repositoryName: name,
      imageId: {
        imageDigest: record.digest,
        ...(imageId.imageTag === undefined ? {} : { imageTag: imageId.imageTag }),
      },
      imageManifest: body.toString("utf8"),
      imageManifestMediaType: record.mediaType,
    });
  }
  return { images, failures };
}
