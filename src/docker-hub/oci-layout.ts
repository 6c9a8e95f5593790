// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { algorithmOf, type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { isTag } from "../oci/image-reference.ts";
import { type Descriptor, type ImageIndex, type ImageManifest, mediaTypes } from "../oci/manifest.ts";
import type { SimulatedBlob, SimulatedManifest, SimulatedRepository } from "./simulated-images.ts";

interface Contents {
  manifests: Map<Digest, SimulatedManifest>;
  blobs: Map<Digest, SimulatedBlob>;
}

const refName = "org.opencontainers.image.ref.name";

/** Reads what a layout lists. A layout whose one image has no name has the tag `latest`. Throws an Error. */
export async function readOciLayout(directory: string): Promise<SimulatedRepository> {
  const index = JSON.parse(await readFile(join(directory, "index.json"), "utf8")) as Partial<ImageIndex>;
  const listed = index.manifests ?? [];
  if (listed.length === 0) throw new Error("index.json lists no manifests");
  const contents: Contents = { manifests: new Map(), blobs: new Map() };
  const tags = new Map<string, Digest>();
  for (const descriptor of listed) {
    await readManifest(directory, descriptor, contents);
    const name = descriptor.annotations?.[refName];
    const tag = name === undefined && listed.length === 1 ? "latest" : tagOf(name);
    if (tag !== undefined) tags.set(tag, descriptor.digest);
  }
  return { tags, ...contents };
}

/** Some programs write a tag, others the whole reference. */
function tagOf(name: string | undefined): string | undefined {
  const tag = name?.slice(name.lastIndexOf(":") + 1);
  if (name !== undefined && (tag === undefined || !isTag(tag))) throw new Error(`${name} is no tag`);
  return tag;
}

async function readManifest(directory: string, descriptor: Descriptor, contents: Contents): Promise<void> {
  const { digest, mediaType } = descriptor;
  if (contents.manifests.has(digest)) return;
  const content = await readFile(blobFile(directory, digest));
  if (digestOf(content, algorithmOf(digest)) !== digest) throw new Error(`the content of ${digest} is another one`);
  contents.manifests.set(digest, { mediaType, content });
  if (mediaType === mediaTypes.imageIndex || mediaType === mediaTypes.dockerManifestList) {
    const { manifests } = JSON.parse(content.toString("utf8")) as ImageIndex;
    // `skopeo copy` of one platform leaves the others in the index and out of the layout.
    for (const child of manifests) {
      if (await isThere(directory, child)) await readManifest(directory, child, contents);
    }
    return;
  }
  const { config, layers } = JSON.parse(content.toString("utf8")) as ImageManifest;
  for (const part of [config, ...layers]) contents.blobs.set(part.digest, await openBlob(directory, part));
}

async function openBlob(directory: string, { digest }: Descriptor): Promise<SimulatedBlob> {
  const file = blobFile(directory, digest);
  return blobOfFile(file, 0, (await stat(file)).size);
}

function isThere(directory: string, { digest }: Descriptor): Promise<boolean> {
  return stat(blobFile(directory, digest)).then(
    () => true,
    () => false,
  );
}

function blobFile(directory: string, digest: Digest): string {
  if (!isDigest(digest)) throw new Error(`${digest} is no digest`);
  const [algorithm = "", hex = ""] = (digest as string).split(":");
  return join(directory, "blobs", algorithm, hex);
}

/** A part of a file. */
export function blobOfFile(file: string, offset: number, size: number): SimulatedBlob {
  return {
    size,
    // The last byte is named as well as the first.
    read: (start, end) =>
      start >= end
        ? Readable.from([])
        : createReadStream(file, { start: offset + start, end: offset + end - 1, highWaterMark: 256 * 1024 }),
  };
}
