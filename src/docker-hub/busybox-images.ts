import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes } from "../oci/manifest.ts";
import type { Busybox } from "./busybox.ts";
import { describe, type ImageRecipe, type Layer, makeRepository } from "./image-recipe.ts";
import { blobOf, type RepositorySource } from "./simulated-images.ts";
import { formatTarArchive, type TarEntry } from "./tar-archive.ts";

const compress = promisify(gzip);
const apache = "usr/local/apache2";
const web = { command: "httpd -f -p 80 -h", page: "<html><body><h1>It works!</h1></body></html>\n" };

/** Images of programs that the stand-ins do not hold: a shell, under the tags that people write. */
const shells: Record<string, readonly string[]> = {
  alpine: ["latest", "3", "3.18", "3.19", "3.20", "3.21", "3.22"],
  node: ["latest", "lts", "20", "22", "24", "20-alpine", "22-alpine", "24-alpine", "22-slim", "24-slim"],
  python: ["latest", "3", "3.11", "3.12", "3.13", "3-slim", "3.12-slim", "3.13-slim", "3-alpine", "3.13-alpine"],
};

/**
 * Small images that really run, for the machine's own architecture; the same busybox makes the same digests.
 * Their label `org.opencontainers.image.description` says what they stand in for.
 */
export function listBusyboxImages(busybox: Busybox): [name: string, source: RepositorySource][] {
  const { architecture } = busybox;
  // Under way before anybody asks: compressing it is most of the wait for a first pull.
  const base = makeLayer(baseEntries(busybox));
  const standIn = (name: string, tags: readonly string[], recipe: Partial<ImageRecipe>, site?: string) => {
    const description = `stand-in for ${name} made from busybox`;
    const source: RepositorySource = async () => {
      const layers = [await base, ...(site === undefined ? [] : [await makeLayer(siteEntries(site))])];
      return makeRepository(tags, [{ architecture, layers, command: ["sh"], description, ...recipe }]);
    };
    return [`library/${name}`, source] as [string, RepositorySource];
  };
  const serve = (directory: string): Partial<ImageRecipe> => ({
    command: [...web.command.split(" "), `/${directory}`],
    exposedPorts: ["80/tcp"],
  });
  const greeting = ["echo", "Hello from the simulated Docker Hub!"];
  return [
    ["library/busybox", async () => makeRepository(["latest", "stable", "1"], busyboxOfTwo(architecture, await base))],
    standIn("hello-world", ["latest", "linux"], { command: greeting }),
    standIn(
      "httpd",
      ["latest", "2", "2.4", "alpine", "2.4-alpine"],
      { ...serve(`${apache}/htdocs`), workingDirectory: `/${apache}` },
      `${apache}/htdocs`,
    ),
    standIn(
      "nginx",
      ["latest", "stable", "alpine", "stable-alpine", "1", "1.27", "1.28", "1.29"],
      serve("usr/share/nginx/html"),
      "usr/share/nginx/html",
    ),
    ...Object.entries(shells).map(([name, tags]) => standIn(name, tags, {})),
    ["ratelimitpreview/test", () => makeLimitTest(architecture)],
  ];
}

/** The repository that Docker's documentation names for asking what is left of the limit. */
async function makeLimitTest(architecture: string) {
  const layers = [await makeLayer(siteEntries(`${apache}/htdocs`))];
  return makeRepository(
    ["latest"],
    [{ architecture, layers, command: ["true"], description: "holds nothing that runs" }],
  );
}

/** An index of amd64 and arm64. This machine has a busybox for one of them; the other one says that it cannot run. */
function busyboxOfTwo(own: string, base: Layer): ImageRecipe[] {
  const architectures = [...new Set([own, "amd64", "arm64"])];
  return architectures.map((architecture) => ({
    architecture,
    layers: [base],
    command: ["sh"],
    description:
      architecture === own
        ? "busybox of this machine"
        : `stand-in for busybox of ${architecture}: holds the one of ${own}, so it does not run on ${architecture}`,
  }));
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

function siteEntries(directory: string): TarEntry[] {
  const parts = directory.split("/");
  const directories = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  return [
    ...directories.map((name): TarEntry => ({ path: `${name}/`, kind: "directory" })),
    { path: `${directory}/index.html`, kind: "file", content: Buffer.from(web.page) },
  ];
}

async function makeLayer(entries: readonly TarEntry[]): Promise<Layer> {
  const archive = formatTarArchive(entries);
  // Level 1: half the time of the default for five percent more bytes.
  const content = await compress(archive, { level: 1 });
  return { descriptor: describe(mediaTypes.layerGzip, content), blob: blobOf(content), diffId: digestOf(archive) };
}
