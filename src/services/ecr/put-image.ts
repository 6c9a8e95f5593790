import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";
import { digestOf } from "../../oci/digest.ts";
import { imageErrorOf } from "./ecr-errors.ts";
import type { EcrRegion } from "./ecr-store.ts";

export async function putImage(
  { registry, getRepository }: EcrRegion,
  account: string,
  input: Sdk.PutImageCommandInput,
): Promise<{ image: Sdk.Image }> {
  const { name } = getRepository(input);
  const { imageManifest = "", imageManifestMediaType = "", imageTag, imageDigest } = input;
  const body = Buffer.from(imageManifest);
  const digest = digestOf(body);
  if (imageDigest !== undefined && imageDigest !== digest) {
    throw new AwsError(
      "ImageDigestDoesNotMatchException",
      "The specified image digest does not match the digest that Amazon ECR calculated for the image.",
    );
  }
  if (registry.manifestExists(name, imageTag ?? digest)?.digest === digest) {
    const tagPart = imageTag === undefined ? "" : ` and tag '${imageTag}'`;
    throw new AwsError(
      "ImageAlreadyExistsException",
      `Image with digest '${digest}'${tagPart} already exists in the repository with name '${name}' in registry with id '${account}'`,
    );
  }
  try {
    const record = await registry.pushManifest(name, imageTag ?? digest, { body, mediaType: imageManifestMediaType });
    return {
      image: {
        registryId: account,
        repositoryName: name,
        imageId: { imageDigest: digest, ...(imageTag === undefined ? {} : { imageTag }) },
        imageManifest,
        imageManifestMediaType: record.mediaType,
      },
    };
  } catch (error) {
    throw imageErrorOf(error, { repositoryName: name, registryId: account });
  }
}
