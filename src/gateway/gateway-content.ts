import type { OpenBlob, RegistryContent } from "../registry/registry-content.ts";
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
    return orRefusal(() => work(content, repository));
  }
  return {
    manifestExists: (name, reference) =>
      ask(name, (content, repository) => content.manifestExists(repository, reference)),
    pullManifest: (name, reference) => ask(name, (content, repository) => content.pullManifest(repository, reference)),
    blobExists: (name, digest) => ask(name, (content, repository) => content.blobExists(repository, digest)),
    async openBlob(name, digest) {
      const blob = await ask(name, (content, repository) => content.openBlob(repository, digest));
      return blob === undefined ? undefined : refusing(blob);
    },
    listTags: (name, page) => ask(name, (content, repository) => content.listTags(repository, page)),
    listReferrers: (name, subject) => ask(name, (content, repository) => content.listReferrers(repository, subject)),
  };
}

async function orRefusal<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Its place may have gone between the look for the blob and the read. */
function refusing(blob: OpenBlob): OpenBlob {
  const { size, location, openFile, follow, close } = blob;
  return {
    size,
    read: (range) => orRefusal(() => blob.read(range)),
    ...(location === undefined ? {} : { location: () => orRefusal(location) }),
    ...(openFile === undefined ? {} : { openFile: () => orRefusal(openFile) }),
    ...(follow === undefined ? {} : { follow: (range) => orRefusal(() => follow(range)) }),
    ...(close === undefined ? {} : { close }),
  };
}
