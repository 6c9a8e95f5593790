import type { IncomingMessage, ServerResponse } from "node:http";
import type { BlobLinks } from "./blob-links.ts";
import { addressKey } from "./pull-limit-key.ts";
import type { RequestLog } from "./request-log.ts";
import { errorAnswer, type SimulatedAnswer, sendAnswer } from "./simulated-answer.ts";
import type { SimulatedImages } from "./simulated-images.ts";
import { answerRegistry, type RegistryAnswer, type SimulatedRegistry } from "./simulated-registry.ts";
import { answerToken } from "./token-endpoint.ts";

export interface SimulatorParts {
  hub: SimulatedRegistry;
  ecrPublic: SimulatedRegistry;
  images: SimulatedImages;
  links: BlobLinks;
  clientAddress: string;
  trustForwardedFor: boolean;
  realmBase: string | undefined;
  log: RequestLog;
  now(): number;
}

const hubHosts = ["registry-1.docker.io", "index.docker.io", "docker.io", "auth.docker.io"];
const contentHosts = /^production\.cloud(?:flare|front)\.docker\.com$|\.cloudfront\.net$/;

/** Sends each request to the part that its Host header and its path name. */
export function createSimulatorAnswer(parts: SimulatorParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const host = (request.headers.host ?? "").toLowerCase();
    const path = (request.url ?? "/").replace(/\?.*$/s, "");
    try {
      const { answer, holder } = await route(parts, host, path, request);
      sendAnswer(answer, request, response);
      const { method = "GET" } = request;
      parts.log.add({
        time: parts.now(),
        host,
        method,
        path,
        status: answer.status,
        account: holder?.account?.user,
      });
    } catch {
      // The client went away in the middle of a form, or sent what no registry client sends.
      response.destroy();
    }
  };
}

async function route(
  parts: SimulatorParts,
  host: string,
  path: string,
  request: IncomingMessage,
): Promise<RegistryAnswer> {
  const withoutHolder = (answer: SimulatedAnswer) => ({ answer, holder: undefined });
  const isDirect = host !== "public.ecr.aws" && !hubHosts.includes(host) && !contentHosts.test(host);
  if (contentHosts.test(host) || (isDirect && path.startsWith("/registry-v2/"))) {
    return withoutHolder(sendBlob(parts, request));
  }
  const registry = host === "public.ecr.aws" ? parts.ecrPublic : parts.hub;
  const hasTokens = isDirect || host === "auth.docker.io" || host === "public.ecr.aws";
  if (hasTokens && /^\/token\/?$/.test(path)) {
    return withoutHolder(await answerToken(registry.tokens, registry.service, request));
  }
  const isRegistry = host !== "auth.docker.io" && path.startsWith("/v2/");
  if (!isRegistry) return withoutHolder(errorAnswer(404, "NAME_UNKNOWN", "page not found"));
  const base = isDirect ? `http://${host}` : undefined;
  return answerRegistry(registry, request, {
    address: addressOf(parts, request),
    baseUrl: (name) => parts.realmBase ?? base ?? `https://${name}`,
  });
}

/** The content of a signed link; the two content hosts hold the same. */
function sendBlob({ links, images }: SimulatorParts, request: IncomingMessage): SimulatedAnswer {
  const digest = links.findDigest(request.url ?? "");
  if (digest === undefined) return { status: 403, headers: { "content-type": "text/plain" }, body: "Forbidden\n" };
  const holder = [...images.values()].find(({ blobs }) => blobs.has(digest));
  const content = holder?.blobs.get(digest);
  if (content === undefined) return { status: 404, headers: { "content-type": "text/plain" }, body: "Not Found\n" };
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body: content };
}

/** The first address of X-Forwarded-For is the client's, the others are proxies'. */
function addressOf({ trustForwardedFor, clientAddress }: SimulatorParts, request: IncomingMessage): string {
  const header = trustForwardedFor ? request.headers["x-forwarded-for"] : undefined;
  const first = (Array.isArray(header) ? header[0] : header)?.split(",")[0]?.trim();
  return first === undefined || first === "" ? clientAddress : addressKey(first);
}
