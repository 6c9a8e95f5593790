import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { digestOf } from "../oci/digest.ts";
import { type ImageManifest, mediaTypes } from "../oci/manifest.ts";
import { UsageError } from "../usage-error.ts";
import { listImagesOfDirectory } from "./images-directory.ts";
import type { SimulatedRepository } from "./simulated-images.ts";
import { formatTarArchive } from "./tar-archive.ts";

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-images-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const layer = formatTarArchive([{ path: "hello", kind: "file", content: Buffer.from("hello\n") }]);
const config = Buffer.from(
  JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [digestOf(layer), digestOf(layer)] },
  }),
);

/** Returns the digest of its manifest. */
function writeLayout(directory: string, refName: string | undefined) {
  const put = (mediaType: string, content: Buffer) => {
    const digest = digestOf(content);
    write(join(directory, "blobs", "sha256", digest.slice("sha256:".length)), content);
    return { mediaType, digest, size: content.length };
  };
  const parts = { config: put(mediaTypes.imageConfig, config), layers: [put(mediaTypes.layerGzip, gzipSync(layer))] };
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, ...parts };
  const descriptor = put(mediaTypes.imageManifest, Buffer.from(JSON.stringify(manifest)));
  const annotations = refName === undefined ? {} : { "org.opencontainers.image.ref.name": refName };
  const manifests = [{ ...descriptor, annotations }];
  write(join(directory, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  write(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return descriptor.digest;
}

async function readAll(directory: string): Promise<Map<string, SimulatedRepository>> {
  const listed = await listImagesOfDirectory(directory);
  return new Map(await Promise.all(listed.map(async ([name, source]) => [name, await source()] as const)));
}

/** Reads the image of a tag as a client does, and checks each digest. */
async function checkImage(repository: SimulatedRepository | undefined, tag: string): Promise<ImageManifest> {
  const digest = repository?.tags.get(tag);
  assert.ok(repository !== undefined && digest !== undefined, `no tag ${tag}`);
  const content = repository.manifests.get(digest)?.content ?? Buffer.alloc(0);
  assert.equal(digestOf(content), digest);
  const manifest = JSON.parse(content.toString()) as ImageManifest;
  for (const part of [manifest.config, ...manifest.layers]) {
    const blob = repository.blobs.get(part.digest);
    assert.equal(blob?.size, part.size);
    assert.equal(digestOf(Buffer.concat((await blob?.read(0, part.size).toArray()) ?? [])), part.digest);
  }
  return manifest;
}

test("a layout is the repository that its directory names, under the tag in it", async (t) => {
  const directory = makeDirectory(t);
  writeLayout(join(directory, "library", "httpd"), "2.4");
  writeLayout(join(directory, "team", "app"), "docker.io/team/app:v1");
  writeLayout(join(directory, "plain"), undefined);
  const repositories = await readAll(directory);
  assert.deepEqual([...repositories.keys()].sort(), ["library/httpd", "plain", "team/app"]);
  await checkImage(repositories.get("library/httpd"), "2.4");
  await checkImage(repositories.get("team/app"), "v1");
  await checkImage(repositories.get("plain"), "latest");
});

for (const format of ["ustar", "pax", "gnu"]) {
  test(`what docker saves as ${format} is served under its names, with links and long paths`, async (t) => {
    const directory = makeDirectory(t);
    const files = join(directory, "files");
    const long = `${"d".repeat(format === "ustar" ? 60 : 90)}/${"e".repeat(format === "ustar" ? 60 : 90)}/layer.tar`;
    const RepoTags = ["httpd:2.4", "team/app:v1", "127.0.0.1:5000/x/y:z"];
    write(join(files, long), layer);
    write(join(files, "config.json"), config);
    mkdirSync(join(files, "linked"));
    if (format !== "ustar") symlinkSync(`../${long}`, join(files, "linked", "layer.tar"));
    else writeFileSync(join(files, "linked", "layer.tar"), layer);
    const Layers = [long, "linked/layer.tar"];
    write(join(files, "manifest.json"), JSON.stringify([{ Config: "config.json", RepoTags, Layers }]));
    const archive = join(directory, "saved.tar");
    execFileSync("tar", [`--format=${format}`, "-cf", archive, "-C", files, "."]);
    rmSync(files, { recursive: true });
    const repositories = await readAll(directory);
    assert.deepEqual([...repositories.keys()].sort(), ["127.0.0.1/x/y", "library/httpd", "team/app"]);
    const { layers } = await checkImage(repositories.get("library/httpd"), "2.4");
    assert.equal(layers[0]?.digest, digestOf(layer));
    await checkImage(repositories.get("team/app"), "v1");
  });
}

test("archives of one repository are served together, and a compressed layer as what it is", async (t) => {
  const directory = makeDirectory(t);
  const save = (file: string, tag: string, content: Buffer) => {
    const listed = [{ Config: "c.json", RepoTags: [`app/x:${tag}`], Layers: ["l.tar"] }];
    const entries = { "manifest.json": Buffer.from(JSON.stringify(listed)), "c.json": config, "l.tar": content };
    const files = Object.entries(entries).map(([path, bytes]) => ({ path, kind: "file" as const, content: bytes }));
    write(join(directory, file), formatTarArchive(files));
  };
  save("one.tar", "plain", layer);
  save("two.tar", "compressed", gzipSync(layer));
  const repository = (await readAll(directory)).get("app/x");
  await checkImage(repository, "plain");
  const { layers } = await checkImage(repository, "compressed");
  assert.equal(layers[0]?.mediaType, mediaTypes.layerGzip);
});

test("what cannot be served is named", async (t) => {
  const directory = makeDirectory(t);
  const refused = (message: RegExp, place = directory) =>
    assert.rejects(listImagesOfDirectory(place), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "CONFIG_IMAGES");
      assert.match(error.message, message);
      return true;
    });
  await refused(/there is no directory/, join(directory, "nonesuch"));
  await refused(/holds no images/);
  write(join(directory, "note.tar"), "this is no archive".repeat(100));
  await refused(/note\.tar cannot be served: it is no tar archive/);
  write(join(directory, "note.tar"), formatTarArchive([{ path: "a", kind: "file", content: Buffer.from("a") }]));
  await refused(/note\.tar cannot be served: .*manifest\.json is not in it/);
  rmSync(join(directory, "note.tar"));
  const digest = writeLayout(join(directory, "app"), "v1");
  write(join(directory, "app", "blobs", "sha256", digest.slice("sha256:".length)), "{}");
  await refused(/app cannot be served: the content of sha256:\w+ is another one/);
  rmSync(join(directory, "app"), { recursive: true });
  writeLayout(join(directory, "Upper"), "v1");
  await refused(/Upper is no name of a repository/);
});
