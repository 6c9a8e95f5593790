import type { IncomingMessage, ServerResponse } from "node:http";
import { type Digest, digestOf, isDigest } from "../oci/digest.ts";
import type { PullCounter } from "./pull-counter.ts";
import type { PullLimit } from "./pull-limit.ts";
import type { SimulatedImages, SimulatedRepository } from "./simulated-images.ts";
import type { TokenHolder, TokenService } from "./token-service.ts";

/** What a pull is counted against, and how the headers tell it. */
export interface SimulatedLimit {
  counter: PullCounter;
  key: string;
  limit: PullLimit;
  windowSeconds: number;
  source: string;
}

export interface SimulatedRegistry {
  stock: SimulatedImages;
  service: string;
  realm: { host: string; path: string };
  /** Host that blobs are redirected to; undefined: served here. */
  blobHost: string | undefined;
  baseUrl(host: string): string;
  /** Name in the stock. */
  repositoryOf(name: string): string | undefined;
  tokens: TokenService;
  /** Undefined where nothing is counted. */
  limitOf(holder: TokenHolder): SimulatedLimit | undefined;
  limitMessage: string;
  now(): number;
}

interface Answer {
  response: ServerResponse;
  isHead: boolean;
  headers: Record<string, string>;
}

/** Answers `/v2/…`, and the signed blob URLs that it redirects to. */
export async function answerRegistry(
  registry: SimulatedRegistry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://host");
  const answer: Answer = { response, isHead: request.method === "HEAD", headers: {} };
  const signed = /^\/registry-v2\/(sha256:[0-9a-f]{64})$/.exec(url.pathname)?.[1];
  if (signed !== undefined) return sendBlob(registry, signed as Digest, answer);
  if (!url.pathname.startsWith("/v2/")) return sendError(answer, 404, "NAME_UNKNOWN", "page not found");
  answer.headers["docker-distribution-api-version"] = "registry/2.0";
  if (request.method !== "GET" && request.method !== "HEAD") {
    return sendError(answer, 405, "UNSUPPORTED", "The operation is unsupported.");
  }
  const [, name, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(url.pathname) ?? [];
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const holder = token === undefined ? undefined : registry.tokens.holderOf(token, registry.now());
  if (holder === undefined) return challenge(registry, answer, name);
  if (name === undefined || reference === undefined) {
    return url.pathname === "/v2/" ? send(answer, 200, "{}") : sendError(answer, 404, "NAME_UNKNOWN", "page not found");
  }
  const repository = registry.stock.get(registry.repositoryOf(name) ?? "");
  if (repository === undefined) return challenge(registry, answer, name, "insufficient_scope");
  if (kind === "manifests") return answerManifest(registry, holder, repository, reference, answer);
  if (kind === "tags") return send(answer, 200, JSON.stringify({ name, tags: [...repository.tags.keys()] }));
  return answerBlob(registry, reference, answer);
}

/** Where to get a token, and for what. A repository that does not exist looks like one that is not for this client. */
function challenge(registry: SimulatedRegistry, answer: Answer, name?: string, error?: string): void {
  const { host, path } = registry.realm;
  const scope = name === undefined ? "" : `,scope="repository:${name}:pull"`;
  const reason = error === undefined ? "" : `,error="${error}"`;
  answer.headers["www-authenticate"] =
    `Bearer realm="${registry.baseUrl(host)}${path}",service="${registry.service}"${scope}${reason}`;
  sendError(answer, 401, "UNAUTHORIZED", "authentication required");
}

/** A GET is a pull and is counted; a HEAD tells the same headers for nothing. */
function answerManifest(
  registry: SimulatedRegistry,
  holder: TokenHolder,
  repository: SimulatedRepository,
  reference: string,
  answer: Answer,
): void {
  const digest = isDigest(reference) ? reference : repository.tags.get(reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined)
    return sendError(answer, 404, "MANIFEST_UNKNOWN", "manifest unknown");
  const limit = registry.limitOf(holder);
  if (limit !== undefined) {
    const { counter, key, windowSeconds, source } = limit;
    const now = registry.now();
    const verdict = answer.isHead
      ? { allowed: true, remaining: counter.remaining(key, now, limit.limit) }
      : counter.count(key, now, limit.limit);
    answer.headers["ratelimit-limit"] = `${limit.limit.limit};w=${windowSeconds}`;
    answer.headers["ratelimit-remaining"] = `${verdict.remaining};w=${windowSeconds}`;
    answer.headers["docker-ratelimit-source"] = source;
    if (!verdict.allowed) return sendError(answer, 429, "TOOMANYREQUESTS", registry.limitMessage);
  }
  answer.headers["docker-content-digest"] = digest;
  answer.headers.etag = `"${digest}"`;
  answer.headers["content-type"] = manifest.mediaType;
  send(answer, 200, manifest.content);
}

function answerBlob(registry: SimulatedRegistry, reference: string, answer: Answer): void {
  if (!isDigest(reference) || findBlob(registry, reference) === undefined)
    return sendError(answer, 404, "BLOB_UNKNOWN", "blob unknown to registry");
  if (registry.blobHost === undefined) return sendBlob(registry, reference, answer);
  const expires = Math.floor(registry.now() / 1000) + 1200;
  const signature = digestOf(`${reference}${expires}`).slice(7, 39);
  answer.headers.location = `${registry.baseUrl(registry.blobHost)}/registry-v2/${reference}?expires=${expires}&signature=${signature}`;
  send(answer, 307, "");
}

function findBlob({ stock }: SimulatedRegistry, digest: Digest): Buffer | undefined {
  for (const { blobs } of stock.values()) if (blobs.has(digest)) return blobs.get(digest);
  return undefined;
}

function sendBlob(registry: SimulatedRegistry, digest: Digest, answer: Answer): void {
  const content = findBlob(registry, digest);
  if (content === undefined) return sendError(answer, 404, "BLOB_UNKNOWN", "blob unknown to registry");
  answer.headers["content-type"] = "application/octet-stream";
  send(answer, 200, content);
}

function sendError(answer: Answer, status: number, code: string, message: string): void {
  answer.headers["content-type"] = "application/json";
  send(answer, status, JSON.stringify({ errors: [{ code, message }] }));
}

function send({ response, isHead, headers }: Answer, status: number, body: string | Buffer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(isHead ? undefined : body);
}
