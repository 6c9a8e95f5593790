import { type Digest, isDigest } from "./digest.ts";

/**
 * A canonical image reference. Grammar: https://pkg.go.dev/github.com/distribution/reference
 * `httpd` is registry `docker.io`, repository `library/httpd`, tag `latest`.
 */
export interface ImageReference {
  /** Host with optional port, `docker.io` for Docker Hub under any of its names. */
  registry: string;
  /** With `library/` for Docker Hub's official images. */
  repository: string;
  /** `latest` where neither tag nor digest is written. */
  tag?: string;
  digest?: Digest;
}

const dockerHubNames = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);
const repositoryShape = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const hostComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const hostShape = new RegExp(`^(?:${hostComponent}(?:\\.${hostComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const tagShape = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && repositoryShape.test(text);
}

export function isTag(text: string): boolean {
  return tagShape.test(text);
}

/** Reads a familiar or canonical name. Throws an Error that names the faulty part. */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) throw new Error(`invalid digest in image reference: ${text}`);
  let name = at < 0 ? text : text.slice(0, at);
  const colon = name.lastIndexOf(":");
  let tag: string | undefined;
  if (colon > name.lastIndexOf("/")) {
    tag = name.slice(colon + 1);
    name = name.slice(0, colon);
    if (!isTag(tag)) throw new Error(`invalid tag in image reference: ${text}`);
  }
  const { registry, repository } = splitRegistry(name);
  if (!hostShape.test(registry)) throw new Error(`invalid registry host in image reference: ${text}`);
  if (!isRepositoryName(repository)) throw new Error(`invalid repository name in image reference: ${text}`);
  if (digest === undefined) tag ??= "latest";
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** Undefined where the text is no reference. */
export function findImageReference(text: string): ImageReference | undefined {
  try {
    return parseImageReference(text);
  } catch {
    return undefined;
  }
}

/** The first component is a host if it has a dot or a port, or is `localhost`. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = first === "localhost" || first.includes(".") || first.includes(":") || first !== first.toLowerCase();
  const registry = isHost ? first : "docker.io";
  const repository = isHost ? name.slice(slash + 1) : name;
  if (!dockerHubNames.has(registry.replace(/:443$/, ""))) return { registry, repository };
  return { registry: "docker.io", repository: repository.includes("/") ? repository : `library/${repository}` };
}

/** The canonical text: `docker.io/library/httpd:latest`. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
