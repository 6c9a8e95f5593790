import { LRUCache } from "lru-cache";
import { isRepositoryName } from "../oci/image-reference.ts";
import { RegistryError } from "./registry-error.ts";

/** What a path under `/v2/` names. Repository names hold slashes, so that a path is read from its end. */
export type RegistryRoute =
  | { kind: "base" }
  | { kind: "manifest"; repository: string; reference: string }
  | { kind: "blob"; repository: string; digest: string }
  | { kind: "uploads"; repository: string }
  | { kind: "upload"; repository: string; id: string }
  | { kind: "tags"; repository: string }
  | { kind: "referrers"; repository: string; subject: string };

const shapes: ReadonlyArray<[RegExp, (repository: string, rest: string) => RegistryRoute]> = [
  [/^(.+)\/blobs\/uploads\/?$/, (repository) => ({ kind: "uploads", repository })],
  [/^(.+)\/blobs\/uploads\/([^/]+)$/, (repository, id) => ({ kind: "upload", repository, id })],
  [/^(.+)\/manifests\/([^/]+)$/, (repository, reference) => ({ kind: "manifest", repository, reference })],
  [/^(.+)\/blobs\/([^/]+)$/, (repository, digest) => ({ kind: "blob", repository, digest })],
  [/^(.+)\/tags\/list$/, (repository) => ({ kind: "tags", repository })],
  [/^(.+)\/referrers\/([^/]+)$/, (repository, subject) => ({ kind: "referrers", repository, subject })],
];

export interface RegistryTarget {
  route: RegistryRoute;
  query: URLSearchParams;
}

/** Targets longer than this are parsed each time, so that the memory below stays small. */
const longestKept = 512;

/** Parses a request's target. Pulls ask for the same ones again and again; uploads do not. */
export function createTargetParser(): (target: string, isPull: boolean) => RegistryTarget {
  const known = new LRUCache<string, RegistryTarget>({ max: 2000 });
  return (target, isPull) => {
    const kept = isPull ? known.get(target) : undefined;
    if (kept !== undefined) return kept;
    const { path, query } = parseRequestTarget(target);
    const parsed = { route: parseRegistryRoute(path), query };
    if (isPull && target.length <= longestKept) known.set(target, parsed);
    return parsed;
  };
}

/** As it was sent: a URL parser would resolve `..` in it. In absolute form, as to a proxy, that is left to the client. */
export function parseRequestTarget(target: string): { path: string; query: URLSearchParams } {
  if (!target.startsWith("/")) {
    const url = URL.parse(target);
    if (url === null) throw new RegistryError("NAME_INVALID", { detail: target });
    return { path: url.pathname, query: url.searchParams };
  }
  const mark = target.indexOf("?");
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** Throws NAME_INVALID for a repository that cannot be, UNSUPPORTED for a path that is no end-point. */
export function parseRegistryRoute(path: string): RegistryRoute {
  if (path === "/v2" || path === "/v2/") return { kind: "base" };
  const rest = path.startsWith("/v2/") ? decodePath(path.slice("/v2/".length)) : "";
  for (const [shape, make] of shapes) {
    const match = shape.exec(rest);
    if (match === null) continue;
    const repository = match[1] as string;
    if (!isRepositoryName(repository)) throw new RegistryError("NAME_INVALID", { detail: repository });
    return make(repository, match[2] ?? "");
  }
  throw new RegistryError("UNSUPPORTED", { message: `${path} is not an end-point of this registry` });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new RegistryError("NAME_INVALID", { detail: path, cause });
  }
}
