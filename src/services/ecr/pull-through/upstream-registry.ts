import type { Readable } from "node:stream";
import type { Digest } from "../../../oci/digest.ts";
import type { ManifestHead } from "../../../registry/registry-content.ts";

/**
 * What ECR asks an upstream registry. Undefined is the upstream's own word that a thing is not there; what it refuses throws
 * RegistryError, in ECR's words.
 */
export interface UpstreamRegistry {
  headManifest(repository: string, reference: string): Promise<ManifestHead | undefined>;
  getManifest(repository: string, reference: string): Promise<{ head: ManifestHead; body: Buffer } | undefined>;
  /** To be read to its end or destroyed. */
  getBlob(repository: string, digest: Digest): Promise<Readable | undefined>;
}

/** What a rule says of its upstream. */
export interface UpstreamPlace {
  /** As references name it: `docker.io`, `quay.io`. */
  registry: string;
  /** Of a secret with `username` and `accessToken`; anonymous where absent. */
  credentialArn?: string;
}

/** ECR's way out of the account; `server` plugs it in. */
export interface UpstreamRegistries {
  /** The upstream is asked as the secret's account while `work` runs. Throws what `work` throws. */
  use<T>(place: UpstreamPlace, work: (upstream: UpstreamRegistry) => Promise<T>): Promise<T>;
  /** Throws AwsError ResourceNotFoundException where there is no such secret. */
  readSecret(arn: string): Promise<string | undefined>;
}
