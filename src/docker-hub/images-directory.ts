import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isRepositoryName } from "../oci/image-reference.ts";
import { UsageError } from "../usage-error.ts";
import { readDockerArchive } from "./docker-archive.ts";
import { readOciLayout } from "./oci-layout.ts";
import type { RepositorySource, SimulatedRepository } from "./simulated-images.ts";

/**
 * Images of a user: `DIR/NAME/` is an OCI image layout of the repository NAME (which may have slashes), and each
 * `*.tar` is what `docker save` or `podman save` wrote, under the names in it. Contents stay on disk; what is listed in
 * them is read at once, so that what is wrong is told at the start. Throws UsageError CONFIG_IMAGES.
 */
export async function listImagesOfDirectory(directory: string): Promise<[string, RepositorySource][]> {
  const isThere = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) throw new UsageError("CONFIG_IMAGES", `--images: there is no directory ${directory}`);
  const repositories = new Map<string, SimulatedRepository>();
  for (const found of await findImages(directory)) {
    for (const [name, repository] of await readImages(directory, found)) {
      const before = repositories.get(name);
      repositories.set(name, before === undefined ? repository : joinRepositories(before, repository));
    }
  }
  if (repositories.size === 0) {
    throw new UsageError("CONFIG_IMAGES", `--images: ${directory} holds no images`, {
      hint: "skopeo copy docker://httpd:2.4 oci:DIR/library/httpd:2.4, or docker save httpd:2.4 -o DIR/httpd.tar",
    });
  }
  return [...repositories].map(([name, repository]) => [name, async () => repository]);
}

interface FoundImages {
  kind: "layout" | "archive";
  path: string;
}

/** A layout is not searched further: what is in it is its own. */
async function findImages(directory: string): Promise<FoundImages[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some(({ name }) => name === "oci-layout")) return [{ kind: "layout", path: directory }];
  const found: FoundImages[] = [];
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await findImages(path)));
    else if (entry.name.endsWith(".tar")) found.push({ kind: "archive", path });
  }
  return found;
}

async function readImages(root: string, { kind, path }: FoundImages): Promise<[string, SimulatedRepository][]> {
  try {
    if (kind === "archive") return [...(await readDockerArchive(path))];
    const name = relative(root, path).split(sep).join("/");
    if (!isRepositoryName(name)) throw new Error(`${name === "" ? "its directory" : name} is no name of a repository`);
    return [[name, await readOciLayout(path)]];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("CONFIG_IMAGES", `--images: ${path} cannot be served: ${reason}`, { file: path, cause });
  }
}

function joinRepositories(one: SimulatedRepository, other: SimulatedRepository): SimulatedRepository {
  return {
    tags: new Map([...one.tags, ...other.tags]),
    manifests: new Map([...one.manifests, ...other.manifests]),
    blobs: new Map([...one.blobs, ...other.blobs]),
  };
}
