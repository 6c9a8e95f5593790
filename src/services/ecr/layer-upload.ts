import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";
import { isDigest } from "../../oci/digest.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import { isStorageFull } from "../../store/storage-full.ts";
import { storageFull } from "./ecr-errors.ts";
import type { EcrRegion } from "./ecr-store.ts";

interface UploadPlace {
  uploadId: string;
  repositoryName: string;
  registryId: string;
}

export async function uploadLayerPart(
  { registry, getRepository }: EcrRegion,
  account: string,
  input: Sdk.UploadLayerPartCommandInput,
) {
  const { name } = getRepository(input);
  const { uploadId = "", partFirstByte = 0, partLastByte = 0, layerPartBlob = new Uint8Array() } = input;
  const place = { registryId: account, repositoryName: name, uploadId };
  try {
    const received = registry.uploadSize(name, uploadId);
    if (received !== partFirstByte || partLastByte - partFirstByte + 1 !== layerPartBlob.byteLength) {
      throw new AwsError(
        "InvalidLayerPartException",
        "The layer part size is not valid, or the first byte specified is not consecutive to the last byte of a previous layer part upload.",
        { members: { ...place, lastValidByteReceived: received - 1 } },
      );
    }
    const size = await registry.uploadChunk(name, uploadId, layerPartBlob, partFirstByte);
    return { ...place, lastByteReceived: size - 1 };
  } catch (error) {
    throw uploadErrorOf(error, place);
  }
}

export async function completeLayerUpload(
  { registry, getRepository }: EcrRegion,
  account: string,
  input: Sdk.CompleteLayerUploadCommandInput,
) {
  const { name } = getRepository(input);
  const { uploadId = "", layerDigests = [] } = input;
  const place = { registryId: account, repositoryName: name, uploadId };
  const digest = layerDigests[0] ?? "";
  try {
    if (!isDigest(digest)) throw invalidLayer();
    if (registry.uploadSize(name, uploadId) === 0) {
      throw new AwsError("EmptyUploadException", "The specified layer upload does not contain any layer parts.");
    }
    if ((await registry.blobExists(name, digest)) !== undefined) {
      registry.cancelUpload(name, uploadId);
      throw new AwsError(
        "LayerAlreadyExistsException",
        `Layer with digest '${digest}' already exists in the repository with name '${name}' in the registry with id '${account}'`,
      );
    }
    await registry.finishUpload(name, uploadId, digest);
    return { ...place, layerDigest: digest };
  } catch (error) {
    throw uploadErrorOf(error, place);
  }
}

function uploadErrorOf(error: unknown, { uploadId, repositoryName, registryId }: UploadPlace): unknown {
  if (isStorageFull(error)) return storageFull(error);
  if (!(error instanceof RegistryError)) return error;
  if (error.code === "DIGEST_INVALID") return invalidLayer(error);
  if (error.code === "BLOB_UPLOAD_UNKNOWN") {
    return new AwsError(
      "UploadNotFoundException",
      `The upload with id '${uploadId}' does not exist in the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
      { cause: error },
    );
  }
  return new AwsError("InvalidParameterException", error.message, { cause: error });
}

function invalidLayer(cause?: unknown): AwsError {
  return new AwsError(
    "InvalidLayerException",
    "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest specified.",
    { cause },
  );
}
