import { AwsError } from "../../aws-api/aws-error.ts";
import { RegistryError, registryErrors } from "../../registry/registry-error.ts";
import { isStorageFull } from "../../store/storage-full.ts";

/** A repository as AWS's sentences name it. */
export interface RepositoryName {
  repositoryName: string;
  registryId: string;
}

export function repositoryMissing({ repositoryName, registryId }: RepositoryName): string {
  return `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`;
}

export function tagIsImmutable(repositoryName: string, tag: string): string {
  return `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`;
}

export function repositoryNotFound(name: RepositoryName): AwsError {
  return new AwsError("RepositoryNotFoundException", repositoryMissing(name));
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function policyNotFound(kind: "Repository" | "Lifecycle", name: string, account: string): AwsError {
  return new AwsError(
    `${kind}PolicyNotFoundException`,
    `${kind} policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );
}

export function imageNotFound(
  id: { imageDigest?: string | undefined; imageTag?: string | undefined },
  { repositoryName, registryId }: RepositoryName,
): AwsError {
  return new AwsError(
    "ImageNotFoundException",
    `The image with imageId ${formatImageId(id)} does not exist within the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
  );
}

export function formatImageId(id: { imageDigest?: string | undefined; imageTag?: string | undefined }): string {
  return `{imageDigest:'${id.imageDigest ?? "null"}', imageTag:'${id.imageTag ?? "null"}'}`;
}

/** ECR's own error for what is the server's fault: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html */
export function storageFull(cause: unknown): AwsError {
  return new AwsError("ServerException", registryErrors.STORAGE_FULL.message, { cause });
}

/** The control plane's word for what the registry refused while an image was put. */
export function imageErrorOf(error: unknown, name: RepositoryName): unknown {
  if (isStorageFull(error)) return storageFull(error);
  if (!(error instanceof RegistryError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case "NAME_UNKNOWN":
      return new AwsError("RepositoryNotFoundException", error.message, options);
    case "TAG_INVALID":
      return new AwsError("ImageTagAlreadyExistsException", error.message, options);
    case "MANIFEST_BLOB_UNKNOWN": {
      const digests = (error.detail as { digests: string[] }).digests.join(", ");
      return new AwsError(
        "LayersNotFoundException",
        `The specified layers could not be found in the repository with name '${name.repositoryName}' in the registry with id '${name.registryId}': ${digests}`,
        options,
      );
    }
    default:
      return new AwsError(
        "InvalidParameterException",
        `Invalid parameter at 'ImageManifest' failed to satisfy constraint: '${error.message}'`,
        options,
      );
  }
}
