// The kinds of content that the conformance suite pushes, each written after the image specification.
import { gzipSync } from "node:zlib";
import { type Digest, type DigestAlgorithm, digestOf } from "../../src/oci/digest.ts";
import { type Descriptor, mediaTypes } from "../../src/oci/manifest.ts";

export interface TestBlob {
  digest: Digest;
  body: Buffer;
}

export interface TestManifest {
  digest: Digest;
  body: Buffer;
  mediaType: string;
  tag?: string;
  subject?: Digest;
  /** What a list of referrers must say of it. */
  artifactType?: string;
  annotations?: Record<string, string>;
}

export interface DataSet {
  name: string;
  blobs: TestBlob[];
  /** Each after those that it names. */
  manifests: TestManifest[];
}

const layerTar = "application/vnd.oci.image.layer.v1.tar";
const nonDistributable = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
const emptyType = "application/vnd.oci.empty.v1+json";
const artifactType = "application/vnd.example.artifact";
const annotations = { "org.example.note": "kept as it is, 厨房" };

interface Build {
  set: DataSet;
  blob(mediaType: string, content: string | Buffer, extra?: object): Descriptor;
  manifest(fields: object, extra?: Partial<TestManifest>): Descriptor;
  index(manifests: readonly Descriptor[], fields?: object, extra?: Partial<TestManifest>): Descriptor;
  /** A manifest of another media type. */
  add(mediaType: string, fields: object, extra?: Partial<TestManifest>): Descriptor;
}

function startBuild(name: string, algorithm: DigestAlgorithm): Build {
  const set: DataSet = { name, blobs: [], manifests: [] };
  function add(mediaType: string, fields: object, extra: Partial<TestManifest> = {}): Descriptor {
    const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }, null, 2));
    const digest = digestOf(body, algorithm);
    set.manifests.push({ digest, body, mediaType, ...extra });
    return { mediaType, digest, size: body.byteLength };
  }
  return {
    set,
    blob(mediaType, content, extra = {}) {
      const body = Buffer.from(content);
      const digest = digestOf(body, algorithm);
      if (!set.blobs.some((blob) => blob.digest === digest)) set.blobs.push({ digest, body });
      return { mediaType, digest, size: body.byteLength, ...extra };
    },
    add,
    manifest: (fields, extra) => add(mediaTypes.imageManifest, fields, extra),
    index: (manifests, fields = {}, extra = {}) => add(mediaTypes.imageIndex, { manifests, ...fields }, extra),
  };
}

/** Config and layers of a little image. */
function imageParts({ set, blob }: Build, seed: string, layerType: string = mediaTypes.layerGzip) {
  const contents = [1, 2].map((layer) => `layer ${layer} of ${seed} in ${set.name} `.repeat(40));
  const config = blob(
    mediaTypes.imageConfig,
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { seed: `${set.name} ${seed}` } },
      rootfs: { type: "layers", diff_ids: contents.map((content) => digestOf(content)) },
    }),
  );
  return { config, layers: contents.map((text) => blob(layerType, layerType === layerTar ? text : gzipSync(text))) };
}

const emptyJson = (build: Build) => build.blob(emptyType, "{}");

/** The manifests of two platforms. */
function platforms(build: Build): Descriptor[] {
  return ["amd64", "arm64"].map((architecture) => ({
    ...build.manifest(imageParts(build, architecture)),
    platform: { architecture, os: "linux" },
  }));
}

/** An artifact that says of `subject` something of type `type`. */
function referrer(build: Build, subject: Descriptor, type: string): void {
  const note = { ...annotations, "org.example.type": type };
  build.manifest(
    {
      artifactType: type,
      config: emptyJson(build),
      layers: [build.blob("text/plain", `${type} of ${build.set.name}`)],
      subject,
      annotations: note,
    },
    { subject: subject.digest, artifactType: type, annotations: note },
  );
}

const recipes: Record<string, (build: Build) => void> = {
  image: (build) => void build.manifest(imageParts(build, "image"), { tag: "image" }),
  "image-uncompressed": (build) => void build.manifest(imageParts(build, "plain", layerTar), { tag: "plain" }),
  "large-manifest": (build) => {
    const padding = { "org.example.padding": "x".repeat(4 * 1024 * 1024 - 4096) };
    build.manifest({ ...imageParts(build, "large"), annotations: padding }, { tag: "large" });
  },
  index: (build) => void build.index(platforms(build), {}, { tag: "index" }),
  "nested-index": (build) => void build.index([build.index(platforms(build))], {}, { tag: "nested" }),
  "empty-index": (build) => void build.index([], {}, { tag: "empty" }),
  artifact: (build) => {
    const layers = [build.blob("text/plain", `content of ${build.set.name}`)];
    build.manifest({ artifactType, config: emptyJson(build), layers }, { tag: "artifact" });
  },
  "artifact-index": (build) => {
    const layers = [build.blob("text/plain", `content of ${build.set.name}`)];
    const child = build.manifest({ artifactType, config: emptyJson(build), layers });
    build.index([child], { artifactType }, { tag: "artifacts" });
  },
  "artifact-without-layers": (build) => {
    const config = emptyJson(build);
    // The spec's guidance for an artifact without content: the empty descriptor as its only layer.
    build.manifest({ artifactType, config, layers: [config], annotations }, { tag: "without-layers" });
  },
  "data-field": (build) => {
    const data = Buffer.from("{}").toString("base64");
    const config = { ...emptyJson(build), data };
    build.manifest({ artifactType, config, layers: [config] }, { tag: "data" });
  },
  "non-distributable-layers": (build) => {
    const { config, layers } = imageParts(build, "foreign");
    const far = {
      mediaType: nonDistributable,
      digest: digestOf("never pushed"),
      size: 12,
      urls: ["https://far.example/"],
    };
    build.manifest({ config, layers: [far, ...layers] }, { tag: "foreign" });
  },
  "custom-fields": (build) => {
    const { config, layers } = imageParts(build, "custom");
    const child = build.manifest({ config: { ...config, custom: [1] }, layers, "org.example.custom": { deep: true } });
    build.index([{ ...child, custom: null } as Descriptor], { custom: "field" }, { tag: "custom" });
  },
  "no-layers": (build) => {
    const { config } = imageParts(build, "none");
    build.set.blobs = build.set.blobs.filter(({ digest }) => digest === config.digest);
    build.manifest({ config, layers: [] }, { tag: "no-layers" });
  },
  "artifacts-with-subject": (build) => {
    const subject = build.manifest(imageParts(build, "subject"), { tag: "subject" });
    referrer(build, subject, "application/vnd.example.signature");
    referrer(build, subject, "application/vnd.example.sbom");
    // Without an artifact type of its own the config's media type stands for it.
    const config = build.blob("application/vnd.example.config", "{}");
    const layers = [build.blob("text/plain", `bare of ${build.set.name}`)];
    build.manifest(
      { config, layers, subject },
      { subject: subject.digest, artifactType: config.mediaType, tag: "bare-artifact" },
    );
  },
  "index-with-subject": (build) => {
    const subject = build.index(platforms(build), {}, { tag: "subject" });
    const layers = [build.blob("text/plain", `content of ${build.set.name}`)];
    const child = build.manifest({ artifactType, config: emptyJson(build), layers });
    const said = { subject, artifactType, annotations };
    build.index([child], said, { ...said, subject: subject.digest, tag: "index-artifact" });
    build.index([child], { subject }, { subject: subject.digest });
  },
  "missing-subject": (build) => {
    const missing = { mediaType: mediaTypes.imageManifest, digest: digestOf(`missing ${build.set.name}`), size: 99 };
    referrer(build, missing, "application/vnd.example.signature");
    referrer(build, missing, "application/vnd.example.sbom");
  },
};

/** Docker's own forms, which every registry keeps taking. https://distribution.github.io/distribution/spec/manifest-v2-2/ */
const dockerRecipes: Record<string, (build: Build) => void> = {
  "docker-image": (build) => void dockerImage(build, "amd64", "docker"),
  "docker-manifest-list": (build) => {
    const manifests = ["amd64", "arm64"].map((architecture) => ({
      ...dockerImage(build, architecture),
      platform: { architecture, os: "linux" },
    }));
    build.add(mediaTypes.dockerManifestList, { manifests }, { tag: "list" });
  },
};

function dockerImage(build: Build, seed: string, tag?: string): Descriptor {
  const { config, layers } = imageParts(build, seed, mediaTypes.dockerLayerGzip);
  const fields = { config: { ...config, mediaType: mediaTypes.dockerConfig }, layers };
  return build.add(mediaTypes.dockerManifest, fields, tag === undefined ? {} : { tag });
}

/** Every kind of content, named and digested by one algorithm. */
export function dataSets(algorithm: DigestAlgorithm): DataSet[] {
  return Object.entries({ ...recipes, ...dockerRecipes }).map(([name, recipe]) => {
    const build = startBuild(`${name} ${algorithm}`, algorithm);
    recipe(build);
    return build.set;
  });
}
