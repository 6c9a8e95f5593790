import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";
import { isDigest } from "../../oci/digest.ts";
import { invalidParameter } from "./ecr-errors.ts";
import { completeLayerUpload, uploadLayerPart } from "./layer-upload.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import { registryHost } from "./repository.ts";
import { onRepository } from "./repository-permission.ts";

/** What AWS proposes: 10 MiB a part. */
const partSize = 10 * 1024 * 1024;

export function layerOperations(room: EcrRoom): EcrOperations {
  const { account, regionOf, tokens } = room;
  return {
    BatchCheckLayerAvailability: {
      permissions: onRepository,
      run: (input, { region }) => checkLayers(room, region, input),
    },
    GetDownloadUrlForLayer: {
      permissions: onRepository,
      async run(input, { region, host }) {
        const { registry, getRepository } = regionOf(region);
        const { name } = getRepository(input);
        const { layerDigest = "" } = input;
        if (!isDigest(layerDigest)) throw invalidLayerDigest();
        if ((await registry.blobExists(name, layerDigest)) === undefined) {
          throw new AwsError(
            "LayersNotFoundException",
            `The layer with digest '${layerDigest}' does not exist in the repository with name '${name}' in the registry with id '${account}'`,
          );
        }
        const path = `/v2/${name}/blobs/${layerDigest}`;
        const downloadUrl = `${downloadOrigin(host, registryHost({ account, region }))}${path}?link=${tokens.issueLink(path)}`;
        return { downloadUrl, layerDigest };
      },
    },
    InitiateLayerUpload: {
      permissions: onRepository,
      async run(input, { region }) {
        const { registry, getRepository } = regionOf(region);
        return { uploadId: await registry.startUpload(getRepository(input).name), partSize };
      },
    },
    UploadLayerPart: {
      permissions: onRepository,
      run: (input, { region }) => uploadLayerPart(regionOf(region), account, input),
    },
    CompleteLayerUpload: {
      permissions: onRepository,
      run: (input, { region }) => completeLayerUpload(regionOf(region), account, input),
    },
  };
}

/** A caller under AWS's own host name reaches the registry under its name too, through the same proxy. */
function downloadOrigin(host: string | undefined, registry: string): string {
  return host === undefined || host.endsWith(".amazonaws.com") ? `https://${registry}` : `http://${host}`;
}

async function checkLayers(
  { regionOf }: EcrRoom,
  region: string,
  input: Sdk.BatchCheckLayerAvailabilityCommandInput,
): Promise<{ layers: Sdk.Layer[]; failures: Sdk.LayerFailure[] }> {
  const { registry, getRepository } = regionOf(region);
  const { name } = getRepository(input);
  const layers: Sdk.Layer[] = [];
  const failures: Sdk.LayerFailure[] = [];
  for (const layerDigest of input.layerDigests ?? []) {
    if (!isDigest(layerDigest)) {
      failures.push({ layerDigest, failureCode: "InvalidLayerDigest", failureReason: "Invalid layer digest" });
      continue;
    }
    const layerSize = await registry.blobExists(name, layerDigest);
    const found: Sdk.Layer = {
      layerDigest,
      layerAvailability: "AVAILABLE",
      ...(layerSize === undefined ? {} : { layerSize }),
    };
    layers.push(layerSize === undefined ? { layerDigest, layerAvailability: "UNAVAILABLE" } : found);
  }
  return { layers, failures };
}

function invalidLayerDigest(): AwsError {
  return invalidParameter(
    "Invalid parameter at 'layerDigest' failed to satisfy constraint: 'must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+''",
  );
}
