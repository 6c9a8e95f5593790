import type { RegistryContent } from "../registry/registry-content.ts";
import { RegistryError } from "../registry/registry-error.ts";
import { refusalOf } from "./refusal.ts";
import { splitRepository } from "./repository-names.ts";

/** Undefined for a repository that this gateway does not pull from: it is no open relay. */
export type FindUpstreamContent = (registry: string, repository: string) => RegistryContent | undefined;

/** All upstreams as one content, whose repositories are canonical: `docker.io/library/httpd`. Throws RegistryError. */
export function createGatewayContent(find: FindUpstreamContent): RegistryContent {
  async function ask<T>(
    name: string,
    work: (content: RegistryContent, repository: string) => T | Promise<T>,
  ): Promise<T> {
    const { registry, repository } = splitRepository(name);
    const content = find(registry, repository);
    if (content === undefined) {
      throw new RegistryError("DENIED", { message: `this gateway does not pull ${name}`, detail: { name } });
    }
    try {
      return await work(content, repository);
    } catch (error) {
      throw refusalOf(error);
    }
  }
  return {
    manifestExists: (name, reference) =>
      ask(name, (content, repository) => content.manifestExists(repository, reference)),
    pullManifest: (name, reference) => ask(name, (content, repository) => content.pullManifest(repository, reference)),
    blobExists: (name, digest) => ask(name, (content, repository) => content.blobExists(repository, digest)),
    openBlob: (name, digest) => ask(name, (content, repository) => content.openBlob(repository, digest)),
    listTags: (name, page) => ask(name, (content, repository) => content.listTags(repository, page)),
    listReferrers: (name, subject) => ask(name, (content, repository) => content.listReferrers(repository, subject)),
  };
}
