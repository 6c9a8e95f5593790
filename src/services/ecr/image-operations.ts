import { AwsError } from "../../aws-api/aws-error.ts";
import { deleteImages } from "./delete-images.ts";
import { describeImages, listImages } from "./describe-images.ts";
import { formatImageId, imageNotFound } from "./ecr-errors.ts";
import { findImage } from "./find-image.ts";
import { getImages } from "./get-images.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import { putImage } from "./put-image.ts";
import { onRepository } from "./repository-permission.ts";

export function imageOperations({ account, regionOf }: EcrRoom): EcrOperations {
  return {
    PutImage: {
      permissions: onRepository,
      run: (input, { region }) => putImage(regionOf(region), account, input),
    },
    BatchGetImage: {
      permissions: onRepository,
      run: (input, { region }) => getImages(regionOf(region), account, input),
    },
    BatchDeleteImage: {
      permissions: onRepository,
      run: (input, { region }) => deleteImages(regionOf(region), input),
    },
    DescribeImages: {
      permissions: onRepository,
      run: (input, { region }) => describeImages(regionOf(region), account, input),
    },
    ListImages: {
      permissions: onRepository,
      run: (input, { region }) => listImages(regionOf(region), input),
    },
    DescribeImageScanFindings: {
      permissions: onRepository,
      // No scan is ever run here, and none is claimed.
      run(input, { region }) {
        const ecr = regionOf(region);
        const { name } = ecr.getRepository(input);
        const { imageId = {} } = input;
        const place = { repositoryName: name, registryId: account };
        if (findImage(ecr.registry, name, imageId) === undefined) throw imageNotFound(imageId, place);
        throw new AwsError(
          "ScanNotFoundException",
          `Image scan does not exist for the image with '${formatImageId(imageId)}' in the repository with name '${name}' in the registry with id '${account}'`,
        );
      },
    },
  };
}
