// What `docker save` and `podman save` write: https://github.com/moby/docker-image-spec/blob/main/spec.md
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { parseImageReference } from "../oci/image-reference.ts";
import { type Descriptor, mediaTypes } from "../oci/manifest.ts";
import { formatManifest } from "./image-recipe.ts";
import { blobOfFile } from "./oci-layout.ts";
import { readTarEntries, type TarMember } from "./read-tar-archive.ts";
import type { SimulatedBlob, SimulatedRepository } from "./simulated-images.ts";

interface ListedImage {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

/** Repositories by their names in the archive, `library/` written out. Throws an Error. */
export async function readDockerArchive(file: string): Promise<Map<string, SimulatedRepository>> {
  const handle = await open(file);
  try {
    const members = await readTarEntries(handle);
    const archive = { file, handle, members };
    const images = JSON.parse((await readMember(archive, "manifest.json")).toString("utf8")) as ListedImage[];
    const repositories = new Map<string, SimulatedRepository>();
    for (const image of images) {
      const { digest, manifest, blobs } = await readImage(archive, image);
      for (const name of image.RepoTags ?? []) {
        const { registry, repository, tag = "latest" } = parseImageReference(name);
        const key = registry === "docker.io" ? repository : `${registry.replace(/:.*/, "")}/${repository}`;
        const before = repositories.get(key);
        repositories.set(key, {
          tags: new Map([...(before?.tags ?? []), [tag, digest]]),
          manifests: new Map([...(before?.manifests ?? []), [digest, manifest]]),
          blobs: new Map([...(before?.blobs ?? []), ...blobs]),
        });
      }
    }
    if (repositories.size === 0) throw new Error("no image in it has a name");
    return repositories;
  } finally {
    await handle.close();
  }
}

interface Archive {
  file: string;
  handle: FileHandle;
  members: ReadonlyMap<string, TarMember>;
}

async function readImage(archive: Archive, { Config, Layers }: ListedImage) {
  const config = await readMember(archive, Config);
  const { rootfs } = JSON.parse(config.toString("utf8")) as { rootfs?: { diff_ids?: string[] } };
  const blobs = new Map<Digest, SimulatedBlob>();
  const layers: Descriptor[] = [];
  for (const [number, path] of Layers.entries()) {
    const { offset, size } = findMember(archive, path);
    const { mediaType, digest } = await describeLayer(archive, path, rootfs?.diff_ids?.[number]);
    blobs.set(digest, blobOfFile(archive.file, offset, size));
    layers.push({ mediaType, digest, size });
  }
  const { offset, size } = findMember(archive, Config);
  const configDigest = digestOf(config);
  blobs.set(configDigest, blobOfFile(archive.file, offset, size));
  const manifest = formatManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    config: { mediaType: mediaTypes.imageConfig, digest: configDigest, size },
    layers,
  });
  return { manifest, digest: digestOf(manifest.content), blobs };
}

/** Layers are plain archives, whose digests the configuration lists; newer engines keep compressed ones as well. */
async function describeLayer({ file, handle, members }: Archive, path: string, diffId: string | undefined) {
  const { offset, size } = findMember({ file, handle, members }, path);
  const magic = Buffer.alloc(2);
  await handle.read(magic, 0, 2, offset);
  if (magic.readUInt16BE() !== 0x1f8b) {
    if (diffId === undefined || !isDigest(diffId)) throw new Error(`the configuration lists no diff ID of ${path}`);
    return { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: diffId };
  }
  const hash = createHash("sha256");
  for await (const chunk of blobOfFile(file, offset, size).read(0, size)) hash.update(chunk as Buffer);
  return { mediaType: mediaTypes.layerGzip, digest: `sha256:${hash.digest("hex")}` as Digest };
}

function findMember({ members }: Archive, path: string): TarMember {
  const member = members.get(path);
  if (member === undefined) throw new Error(`it is no archive of images: ${path} is not in it`);
  return member;
}

async function readMember(archive: Archive, path: string): Promise<Buffer> {
  const { offset, size } = findMember(archive, path);
  const content = Buffer.alloc(size);
  await archive.handle.read(content, 0, size, offset);
  return content;
}
