import { type Digest, digestOf } from "../oci/digest.ts";
import { type Descriptor, type ImageIndex, type ImageManifest, mediaTypes } from "../oci/manifest.ts";
import { blobOf, type SimulatedBlob, type SimulatedManifest, type SimulatedRepository } from "./simulated-images.ts";

export interface Layer {
  descriptor: Descriptor;
  blob: SimulatedBlob;
  /** Digest of the uncompressed archive, as the image's configuration lists it. */
  diffId: Digest;
}

export interface ImageRecipe {
  architecture: string;
  layers: readonly Layer[];
  command: readonly string[];
  exposedPorts?: readonly string[];
  workingDirectory?: string;
  /** Becomes the label `org.opencontainers.image.description`: what the image is, or stands in for. */
  description: string;
}

/** One index for all tags, with an image for each recipe: their architectures must differ. */
export function makeRepository(tags: readonly string[], recipes: readonly ImageRecipe[]): SimulatedRepository {
  const images = recipes.map((recipe) => makeImage(recipe));
  const index = formatManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.imageIndex,
    manifests: images.map(({ manifest, platform }) => ({
      ...describe(manifest.mediaType, manifest.content),
      platform,
    })),
  });
  const manifests = [...images.map(({ manifest }) => manifest), index];
  return {
    tags: new Map(tags.map((tag) => [tag, digestOf(index.content)])),
    manifests: new Map(manifests.map((stored) => [digestOf(stored.content), stored])),
    blobs: new Map(images.flatMap(({ blobs }) => blobs)),
  };
}

function makeImage(recipe: ImageRecipe) {
  const config = formatConfig(recipe);
  const descriptor = describe(mediaTypes.imageConfig, config);
  const manifest = formatManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    config: descriptor,
    layers: recipe.layers.map((layer) => layer.descriptor),
  });
  const layers = recipe.layers.map(({ descriptor: { digest }, blob }): [Digest, SimulatedBlob] => [digest, blob]);
  const blobs: [Digest, SimulatedBlob][] = [[descriptor.digest, blobOf(config)], ...layers];
  return { manifest, blobs, platform: { architecture: recipe.architecture, os: "linux" } };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md */
function formatConfig(recipe: ImageRecipe): Buffer {
  const { architecture, command, exposedPorts, workingDirectory, layers, description } = recipe;
  const created = "1970-01-01T00:00:00Z";
  const ports = exposedPorts && Object.fromEntries(exposedPorts.map((port) => [port, {}]));
  return Buffer.from(
    JSON.stringify({
      created,
      architecture,
      os: "linux",
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Cmd: command,
        ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory }),
        ...(ports === undefined ? {} : { ExposedPorts: ports }),
        Labels: { "org.opencontainers.image.description": description },
      },
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created, created_by: "made by the simulated Docker Hub" })),
    }),
  );
}

export function formatManifest(manifest: (ImageManifest | ImageIndex) & { mediaType: string }): SimulatedManifest {
  return { mediaType: manifest.mediaType, content: Buffer.from(JSON.stringify(manifest)) };
}

export function describe(mediaType: string, content: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}
