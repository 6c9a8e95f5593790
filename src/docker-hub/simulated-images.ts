import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Digest, digestOf } from "../oci/digest.ts";
import { type Descriptor, type ImageIndex, type ImageManifest, mediaTypes } from "../oci/manifest.ts";
import type { Busybox } from "./busybox.ts";
import { formatTarArchive, type TarEntry } from "./tar-archive.ts";

export interface SimulatedManifest {
  mediaType: string;
  content: Buffer;
}

export interface SimulatedRepository {
  tags: ReadonlyMap<string, Digest>;
  manifests: ReadonlyMap<Digest, SimulatedManifest>;
  blobs: ReadonlyMap<Digest, Buffer>;
}

/** Repository name (`library/httpd`) to what it holds. */
export type SimulatedImages = ReadonlyMap<string, SimulatedRepository>;

interface Layer {
  descriptor: Descriptor;
  blob: Buffer;
  /** Digest of the uncompressed archive, as the image's configuration lists it. */
  diffId: Digest;
}

interface ImageRecipe {
  tags: readonly string[];
  layers: readonly Layer[];
  command: readonly string[];
  exposedPorts?: readonly string[];
  workingDirectory?: string;
  description: string;
}

const compress = promisify(gzip);
const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const htdocs = "usr/local/apache2/htdocs";

/**
 * Small images that really run, for the machine's own architecture; the same busybox makes the same digests.
 * Their label `org.opencontainers.image.description` says what they stand in for.
 */
export async function makeSimulatedImages(busybox: Busybox): Promise<SimulatedImages> {
  const [base, site] = await Promise.all([makeLayer(baseEntries(busybox)), makeLayer(siteEntries())]);
  const make = (recipe: ImageRecipe) => makeRepository(recipe, busybox.architecture);
  return new Map([
    [
      "library/busybox",
      make({ tags: ["latest", "stable"], layers: [base], command: ["sh"], description: "busybox of this machine" }),
    ],
    [
      "library/hello-world",
      make({
        tags: ["latest", "linux"],
        layers: [base],
        command: ["echo", "Hello from the simulated Docker Hub!"],
        description: "stand-in for hello-world made from busybox",
      }),
    ],
    [
      "library/httpd",
      make({
        tags: ["latest", "2", "2.4", "alpine", "2.4-alpine"],
        layers: [base, site],
        command: ["httpd", "-f", "-p", "80", "-h", `/${htdocs}`],
        exposedPorts: ["80/tcp"],
        workingDirectory: "/usr/local/apache2",
        description: "stand-in for httpd made from busybox",
      }),
    ],
    [
      // The repository that Docker's documentation names for asking what is left of the limit.
      "ratelimitpreview/test",
      make({ tags: ["latest"], layers: [site], command: ["true"], description: "holds nothing that runs" }),
    ],
  ]);
}

function baseEntries(busybox: Busybox): TarEntry[] {
  const directories = ["bin", "etc", "root", "usr", "usr/bin", "usr/sbin", "sbin", "var"];
  return [
    ...directories.map((name): TarEntry => ({ path: `${name}/`, kind: "directory" })),
    { path: "tmp/", kind: "directory", mode: 0o1777 },
    { path: "etc/passwd", kind: "file", content: Buffer.from("root:x:0:0:root:/root:/bin/sh\n") },
    { path: "etc/group", kind: "file", content: Buffer.from("root:x:0:\n") },
    { path: "bin/busybox", kind: "file", content: busybox.binary, mode: 0o755 },
    ...busybox.applets.map((name): TarEntry => ({ path: `bin/${name}`, kind: "symlink", target: "busybox" })),
  ];
}

function siteEntries(): TarEntry[] {
  const directories = ["usr", "usr/local", "usr/local/apache2", htdocs];
  const page = Buffer.from("<html><body><h1>It works!</h1></body></html>\n");
  return [
    ...directories.map((name): TarEntry => ({ path: `${name}/`, kind: "directory" })),
    { path: `${htdocs}/index.html`, kind: "file", content: page },
  ];
}

async function makeLayer(entries: readonly TarEntry[]): Promise<Layer> {
  const archive = formatTarArchive(entries);
  // Level 1: half the time of the default for five percent more bytes.
  const blob = await compress(archive, { level: 1 });
  return { descriptor: describe(mediaTypes.layerGzip, blob), blob, diffId: digestOf(archive) };
}

function makeRepository(recipe: ImageRecipe, architecture: string): SimulatedRepository {
  const config = formatConfig(recipe, architecture);
  const manifest = formatManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    config: describe(mediaTypes.imageConfig, config),
    layers: recipe.layers.map((layer) => layer.descriptor),
  });
  const index = formatManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.imageIndex,
    manifests: [{ ...describe(manifest.mediaType, manifest.content), platform: { architecture, os: "linux" } }],
  });
  return {
    tags: new Map(recipe.tags.map((tag) => [tag, digestOf(index.content)])),
    manifests: new Map([manifest, index].map((stored) => [digestOf(stored.content), stored])),
    blobs: new Map([config, ...recipe.layers.map((layer) => layer.blob)].map((blob) => [digestOf(blob), blob])),
  };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md */
function formatConfig(recipe: ImageRecipe, architecture: string): Buffer {
  const { command, exposedPorts, workingDirectory, layers, description } = recipe;
  const created = "1970-01-01T00:00:00Z";
  return Buffer.from(
    JSON.stringify({
      created,
      architecture,
      os: "linux",
      config: {
        Env: [path],
        Cmd: command,
        ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory }),
        ...(exposedPorts === undefined
          ? {}
          : { ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [port, {}])) }),
        Labels: { "org.opencontainers.image.description": description },
      },
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created, created_by: "made from busybox" })),
    }),
  );
}

function formatManifest(manifest: (ImageManifest | ImageIndex) & { mediaType: string }): SimulatedManifest {
  return { mediaType: manifest.mediaType, content: Buffer.from(JSON.stringify(manifest)) };
}

function describe(mediaType: string, content: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}
