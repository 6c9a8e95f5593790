import { isDigest } from "../oci/digest.ts";
import type { UpstreamClient } from "./upstream/upstream-client.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

/** Another registry that holds the same content under another name. */
export interface Fallback {
  client: UpstreamClient;
  /** Undefined for repositories that it does not hold. */
  repositoryOf(repository: string): string | undefined;
  /**
   * Whether it is asked for tags too, where the first upstream cannot tell what a tag stands for. What is asked for by
   * digest is the same wherever it comes from; a tag may be older there.
   */
  tags: boolean;
}

/** ECR Public's copies of Docker's official images: https://gallery.ecr.aws/docker */
export function officialImageOnEcrPublic(repository: string): string | undefined {
  return /^library\/[^/]+$/.test(repository) ? `docker/${repository}` : undefined;
}

/**
 * Asks `first`, and the fallback where that has no pull left, is out of reach or answers nonsense. A "no" of the first is
 * an answer. Where the fallback does not help either, the first one's failure is thrown.
 */
export function fallBack(first: UpstreamClient, fallback: Fallback): UpstreamClient {
  async function either<T>(
    repository: string,
    reference: string,
    ask: (client: UpstreamClient, repository: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    try {
      return await ask(first, repository);
    } catch (error) {
      const other = fallback.repositoryOf(repository);
      const isAllowed = other !== undefined && (fallback.tags || isDigest(reference));
      if (!isAllowed || !(error instanceof UpstreamFailure) || error.kind === "denied") throw error;
      const found = await ask(fallback.client, other).catch(() => undefined);
      if (found === undefined) throw error;
      return found;
    }
  }
  return {
    headManifest: (repository, reference) =>
      either(repository, reference, (client, name) => client.headManifest(name, reference)),
    getManifest: (repository, reference) =>
      either(repository, reference, (client, name) => client.getManifest(name, reference)),
    headBlob: (repository, digest) => either(repository, digest, (client, name) => client.headBlob(name, digest)),
    getBlob: (repository, digest, start) =>
      either(repository, digest, (client, name) => client.getBlob(name, digest, start)),
    listTags: first.listTags,
    listReferrers: first.listReferrers,
  };
}
