import type { IncomingMessage } from "node:http";
import { type Digest, isDigest } from "../oci/digest.ts";
import { errorAnswer, jsonAnswer, type SimulatedAnswer } from "./simulated-answer.ts";
import type { SimulatedRepository } from "./simulated-images.ts";
import type { TokenHolder, TokenService } from "./token-service.ts";

/** What a registry says of its limit to one request. */
export interface LimitVerdict {
  allowed: boolean;
  /** Whether it was taken from the limit. */
  counted: boolean;
  /** Pulls left, where the registry tells them. */
  remaining: number | undefined;
  headers: Record<string, string>;
}

/** Who asks, as the simulator sees it. */
export interface SimulatedClient {
  /** What its anonymous pulls are counted by. */
  address: string;
  /** Base URL under which it finds a host of the simulator. */
  baseUrl(host: string): string;
}

/** In what Docker Hub and ECR Public differ as registries. */
export interface SimulatedRegistry {
  tokens: TokenService;
  /** Its name to its token service. */
  service: string;
  /** Value of WWW-Authenticate; `name` is undefined for the bare `/v2/`. */
  challenge(client: SimulatedClient, name: string | undefined, error?: "invalid_token" | "insufficient_scope"): string;
  findRepository(name: string): Promise<SimulatedRepository | undefined>;
  /** Whether the holder's token is good for this repository. */
  mayPull(holder: TokenHolder, name: string): boolean;
  /** The answer for a repository that is not there. Undefined: as for one that the holder may not pull. */
  unknownRepository(name: string): SimulatedAnswer | undefined;
  /** Undefined where nothing is counted. `isFree` asks for what is left and spends nothing. */
  countPull(holder: TokenHolder, client: SimulatedClient, isFree: boolean): LimitVerdict | undefined;
  limitMessage: string;
  /** Where a blob is redirected to. */
  blobUrl(client: SimulatedClient, digest: Digest): string;
}

export interface RegistryAnswer {
  answer: SimulatedAnswer;
  holder: TokenHolder | undefined;
  /** Undefined for requests that have nothing to do with a limit. */
  verdict: LimitVerdict | undefined;
}

/** Answers `/v2/…`; `path` is without query. */
export async function answerRegistry(
  registry: SimulatedRegistry,
  request: IncomingMessage,
  path: string,
  client: SimulatedClient,
): Promise<RegistryAnswer> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const holder = token === undefined ? undefined : registry.tokens.findHolder(token);
  const [, name, kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  let answered: Answered;
  if (holder === undefined) {
    const reason = token === undefined ? undefined : "invalid_token";
    answered = { answer: unauthorized(registry.challenge(client, name, reason)) };
  } else if (name === undefined) {
    answered = { answer: path === "/v2/" ? jsonAnswer({}) : errorAnswer(404, "NAME_UNKNOWN", "page not found") };
  } else {
    const target = { name, kind, reference, method: request.method ?? "GET" };
    answered = await answerRepository(registry, target, holder, client);
  }
  const { answer, verdict } = answered;
  const headers = { "docker-distribution-api-version": "registry/2.0", ...answer.headers };
  return { answer: { ...answer, headers }, holder, verdict };
}

interface Answered {
  answer: SimulatedAnswer;
  verdict?: LimitVerdict | undefined;
}

interface Target {
  name: string;
  kind: string | undefined;
  reference: string;
  method: string;
}

async function answerRepository(
  registry: SimulatedRegistry,
  { name, kind, reference, method }: Target,
  holder: TokenHolder,
  client: SimulatedClient,
): Promise<Answered> {
  const repository = await registry.findRepository(name);
  const unknown = repository === undefined ? registry.unknownRepository(name) : undefined;
  if (unknown !== undefined) return { answer: unknown };
  const isRead = method === "GET" || method === "HEAD";
  // A token never grants more than pull, so a push is refused as one that the account may not make.
  if (repository === undefined || !isRead || !registry.mayPull(holder, name)) {
    return { answer: unauthorized(registry.challenge(client, name, "insufficient_scope")) };
  }
  if (kind === "tags") return { answer: listTags(name, reference, repository) };
  if (kind === "blobs") return { answer: redirectToBlob(registry, repository, reference, client) };
  const manifest = findManifest(repository, reference);
  if (manifest === undefined) {
    return {
      answer: errorAnswer(404, "MANIFEST_UNKNOWN", "manifest unknown", { detail: `unknown tag=${reference}` }),
    };
  }
  const verdict = registry.countPull(holder, client, method === "HEAD");
  if (verdict?.allowed === false) {
    const { headers } = verdict;
    return { answer: errorAnswer(429, "TOOMANYREQUESTS", registry.limitMessage, { headers }), verdict };
  }
  return { answer: { ...manifest, headers: { ...manifest.headers, ...verdict?.headers } }, verdict };
}

function unauthorized(challenge: string): SimulatedAnswer {
  return errorAnswer(401, "UNAUTHORIZED", "authentication required", { headers: { "www-authenticate": challenge } });
}

function findManifest(repository: SimulatedRepository, reference: string): SimulatedAnswer | undefined {
  const digest = isDigest(reference) ? reference : repository.tags.get(reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined) return undefined;
  const headers = {
    "content-type": manifest.mediaType,
    "docker-content-digest": digest,
    etag: `"${digest}"`,
    "strict-transport-security": "max-age=31536000",
  };
  return { status: 200, headers, body: manifest.content };
}

function listTags(name: string, reference: string, { tags }: SimulatedRepository): SimulatedAnswer {
  if (reference !== "list") return errorAnswer(404, "NAME_UNKNOWN", "page not found");
  return jsonAnswer({ name, tags: [...tags.keys()].sort() });
}

function redirectToBlob(
  registry: SimulatedRegistry,
  repository: SimulatedRepository,
  reference: string,
  client: SimulatedClient,
): SimulatedAnswer {
  if (!isDigest(reference) || !repository.blobs.has(reference)) {
    return errorAnswer(404, "BLOB_UNKNOWN", "blob unknown to registry");
  }
  return { status: 307, headers: { location: registry.blobUrl(client, reference) }, body: "" };
}
