import type { Pull } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { moveImages } from "./move-images.ts";
import type { Remedy } from "./remedy.ts";

/**
 * Takes official images from ECR Public, by the same tag or digest: Docker keeps them there too, and nobody's others. That has
 * limits of its own: one pull a second for each address without a login to AWS.
 * https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
 */
export function useEcrPublic(repository: ReadRepository): Remedy {
  return moveImages(repository, { registry: "public.ecr.aws", prefix: "docker", whyNot });
}

function whyNot({ isOfficial, reference }: Pull): { message: string } | undefined {
  if (isOfficial) return undefined;
  if (reference === undefined)
    return { message: "something outside of the file decides the image; name its copy in ECR Public there" };
  return { message: "no official image, so not in ECR Public; log in to Docker Hub, or keep a copy of it in ECR" };
}
