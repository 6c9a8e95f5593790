import { formatImageReference } from "../../oci/image-reference.ts";
import type { Pull } from "../judge/repository.ts";
import type { RelatedPlace } from "./rule.ts";

/** `docker.io/library/httpd:2.4`, or what the file says where that is not constant. */
export function nameOf({ reference, image }: Pull): string {
  return reference === undefined ? image.written : formatImageReference(reference);
}

export function requestsOf({ countedRequests }: Pull): string {
  return `up to ${countedRequests} counted requests`;
}

/** The job that pulls an image which another file names. */
export function jobPlaces({ job, file, image }: Pull): RelatedPlace[] {
  if (job === undefined || (job.file === file && job.job.range.start === image.range.start)) return [];
  return [{ message: `pulled by ${job.job.name}`, file: job.file, range: job.job.range }];
}

/** For a hint: an official image has a copy in ECR Public. */
export function remediesFor({ isOfficial }: Pull): string {
  const login = "log in before it (chubo fix --remedy login)";
  return isOfficial ? `${login}, or take the same image from ECR Public (chubo fix --remedy ecr-public)` : login;
}
