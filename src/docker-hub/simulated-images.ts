import { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";

export interface SimulatedManifest {
  mediaType: string;
  content: Buffer;
}

/** Content of any size: in memory, on disk, or made while it is read. */
export interface SimulatedBlob {
  size: number;
  /** The bytes from `start` up to `end`, which is not among them. */
  read(start: number, end: number): Readable;
  /** The whole, where it is in memory. */
  content?: Buffer;
}

export interface SimulatedRepository {
  tags: ReadonlyMap<string, Digest>;
  manifests: ReadonlyMap<Digest, SimulatedManifest>;
  blobs: ReadonlyMap<Digest, SimulatedBlob>;
}

/** Makes a repository when somebody first asks for it. */
export type RepositorySource = () => Promise<SimulatedRepository>;

/** What the simulated registries hold, under the names of Docker Hub (`library/httpd`). */
export interface SimulatedImages {
  names(): string[];
  has(name: string): boolean;
  find(name: string): Promise<SimulatedRepository | undefined>;
  /** Of repositories that were asked for: nobody knows the digests of others. */
  findBlob(digest: Digest): SimulatedBlob | undefined;
}

export function createSimulatedImages(sources: ReadonlyMap<string, RepositorySource>): SimulatedImages {
  const asked = new Map<string, Promise<SimulatedRepository>>();
  const made = new Set<SimulatedRepository>();

  async function make(source: RepositorySource): Promise<SimulatedRepository> {
    const repository = await source();
    made.add(repository);
    return repository;
  }

  return {
    names: () => [...sources.keys()].sort(),
    has: (name) => sources.has(name),
    async find(name) {
      const source = sources.get(name);
      if (source === undefined) return undefined;
      const repository = asked.get(name) ?? make(source);
      asked.set(name, repository);
      return repository;
    },
    findBlob(digest) {
      for (const { blobs } of made) {
        const blob = blobs.get(digest);
        if (blob !== undefined) return blob;
      }
      return undefined;
    },
  };
}

export function blobOf(content: Buffer): SimulatedBlob {
  return { size: content.length, content, read: (start, end) => Readable.from([content.subarray(start, end)]) };
}
