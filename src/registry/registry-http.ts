import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isStorageFull } from "../store/storage-full.ts";
import { apiVersion } from "./api-version.ts";
import { answerBlob } from "./blob-routes.ts";
import { type BlockPool, createBlockPool } from "./block-pool.ts";
import { sendRegistryError } from "./error-response.ts";
import { answerReferrers, answerTags } from "./list-routes.ts";
import { createManifestHeaders } from "./manifest-headers.ts";
import { answerManifest } from "./manifest-routes.ts";
import type { Registry } from "./registry.ts";
import type { RegistryAccess } from "./registry-access.ts";
import type { RegistryContent } from "./registry-content.ts";
import { RegistryError, type RegistryErrorCode } from "./registry-error.ts";
import type { RegistryExchange } from "./registry-exchange.ts";
import { createTargetParser } from "./registry-route.ts";
import { answerUpload, answerUploads } from "./upload-routes.ts";

export interface RegistryHandlerParts<Session> {
  /** Answers the pulls. */
  content: RegistryContent;
  /** The same, where it depends on who pulls; `content` where absent. */
  contentFor?(session: Session): RegistryContent;
  /** Takes the pushes; without it they are refused as UNSUPPORTED. */
  registry?: Registry;
  /** The repository that a request means by a name in its path; the name itself where absent. */
  repositoryOf?(request: IncomingMessage, name: string, query: URLSearchParams): string;
  access: RegistryAccess<Session>;
  /** The imitated registry's words in the place of the table's. */
  messages?: Partial<Record<RegistryErrorCode, string>>;
  /** Its own where absent. */
  blocks?: BlockPool;
  /** Told of errors that are nobody's refusal. The client gets 500 UNKNOWN with the request ID. */
  onDefect?: (error: unknown, requestId: string) => void;
}

/** The distribution spec's end-points over a Registry. */
export function createRegistryHandler<Session>(
  parts: RegistryHandlerParts<Session>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const kept: HandlerMemory = {
    parseTarget: createTargetParser(),
    blocks: parts.blocks ?? createBlockPool(),
    manifestHeaders: createManifestHeaders(),
  };
  const done = Promise.resolve();
  return (request, response) => {
    const fail = (error: unknown) => sendFailure(parts, request, response, error);
    try {
      // What is at hand is answered before anything else happens: most pulls of a manifest are.
      return answer(parts, kept, request, response)?.catch(fail) ?? done;
    } catch (error) {
      fail(error);
      return done;
    }
  };
}

type HandlerMemory = Pick<RegistryExchange, "blocks" | "manifestHeaders"> & {
  parseTarget: ReturnType<typeof createTargetParser>;
};

function answer<Session>(
  { content, contentFor, registry, repositoryOf, access }: RegistryHandlerParts<Session>,
  { parseTarget, blocks, manifestHeaders }: HandlerMemory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | undefined {
  const isPull = request.method === "GET" || request.method === "HEAD";
  const session = access.authenticate(request);
  if (session === undefined) {
    throw new RegistryError("UNAUTHORIZED", { headers: { "www-authenticate": access.challenge(request) } });
  }
  const { route, query } = parseTarget(request.url ?? "/", isPull);
  const exchange: RegistryExchange = {
    ...{ registry, request, response, query, blocks, manifestHeaders },
    content: contentFor?.(session) ?? content,
    authorize: (action, repository) => access.authorize(session, action, repository),
  };
  const bringsItsOwn = isPull && (route.kind === "manifest" || route.kind === "blob");
  if (!bringsItsOwn) response.setHeader(apiVersion.name, apiVersion.value);
  if (route.kind === "base") return void sendBase(response);
  const repository = repositoryOf?.(request, route.repository, query) ?? route.repository;
  switch (route.kind) {
    case "manifest":
      return answerManifest(exchange, repository, route.reference);
    case "blob":
      return answerBlob(exchange, repository, route.digest);
    case "uploads":
      return answerUploads(exchange, repository);
    case "upload":
      return answerUpload(exchange, repository, route.id);
    case "tags":
      return answerTags(exchange, repository);
    case "referrers":
      return answerReferrers(exchange, repository, route.subject);
  }
}

function sendFailure<Session>(
  parts: RegistryHandlerParts<Session>,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (isClientGone(request, response)) return void response.destroy();
  if (!response.headersSent) response.setHeader(apiVersion.name, apiVersion.value);
  sendRegistryError(response, error instanceof RegistryError ? error : reportDefect(parts, error), parts.messages);
  // A client that is still sending sees the answer only when somebody takes the rest from it.
  request.resume();
}

function sendBase(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": 2 }).end("{}");
}

function isClientGone(request: IncomingMessage, response: ServerResponse): boolean {
  // `destroyed` would not do: a request without a body may be so from its beginning.
  return response.destroyed || request.readableAborted;
}

function reportDefect<Session>({ onDefect }: RegistryHandlerParts<Session>, error: unknown): RegistryError {
  if (isStorageFull(error)) return new RegistryError("STORAGE_FULL", { cause: error });
  const requestId = randomUUID();
  onDefect?.(error, requestId);
  return new RegistryError("UNKNOWN", { detail: { requestId }, cause: error });
}
