import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isStorageFull } from "../store/storage-full.ts";
import { answerBlob } from "./blob-routes.ts";
import { sendRegistryError } from "./error-response.ts";
import { answerReferrers, answerTags } from "./list-routes.ts";
import { answerManifest } from "./manifest-routes.ts";
import type { Registry } from "./registry.ts";
import type { RegistryAccess } from "./registry-access.ts";
import type { RegistryContent } from "./registry-content.ts";
import { RegistryError, type RegistryErrorCode } from "./registry-error.ts";
import type { RegistryExchange } from "./registry-exchange.ts";
import { parseRegistryRoute, parseRequestTarget } from "./registry-route.ts";
import { answerUpload, answerUploads } from "./upload-routes.ts";

export interface RegistryHandlerParts<Session> {
  /** Answers the pulls. */
  content: RegistryContent;
  /** Takes the pushes; without it they are refused as UNSUPPORTED. */
  registry?: Registry;
  /** The repository that a request means by a name in its path; the name itself where absent. */
  repositoryOf?(request: IncomingMessage, name: string, query: URLSearchParams): string;
  access: RegistryAccess<Session>;
  /** The imitated registry's words in the place of the table's. */
  messages?: Partial<Record<RegistryErrorCode, string>>;
  /** Told of errors that are nobody's refusal. The client gets 500 UNKNOWN with the request ID. */
  onDefect?: (error: unknown, requestId: string) => void;
}

/** The distribution spec's end-points over a Registry. */
export function createRegistryHandler<Session>(
  parts: RegistryHandlerParts<Session>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    response.setHeader("docker-distribution-api-version", "registry/2.0");
    try {
      await answer(parts, request, response);
    } catch (error) {
      if (isClientGone(request, response)) return void response.destroy();
      sendRegistryError(response, error instanceof RegistryError ? error : reportDefect(parts, error), parts.messages);
      // A client that is still sending sees the answer only when somebody takes the rest from it.
      request.resume();
    }
  };
}

async function answer<Session>(
  { content, registry, repositoryOf, access }: RegistryHandlerParts<Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, query } = parseRequestTarget(request.url ?? "/");
  const session = access.authenticate(request);
  if (session === undefined) {
    throw new RegistryError("UNAUTHORIZED", { headers: { "www-authenticate": access.challenge(request) } });
  }
  const exchange: RegistryExchange = {
    content,
    registry,
    request,
    response,
    query,
    authorize: (action, repository) => access.authorize(session, action, repository),
  };
  const route = parseRegistryRoute(path);
  if (route.kind === "base") return sendBase(response);
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

function sendBase(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": 2 }).end("{}");
}

function isClientGone(request: IncomingMessage, response: ServerResponse): boolean {
  return response.destroyed || (request.destroyed && !request.complete);
}

function reportDefect<Session>({ onDefect }: RegistryHandlerParts<Session>, error: unknown): RegistryError {
  if (isStorageFull(error)) return new RegistryError("STORAGE_FULL", { cause: error });
  const requestId = randomUUID();
  onDefect?.(error, requestId);
  return new RegistryError("UNKNOWN", { detail: { requestId }, cause: error });
}
