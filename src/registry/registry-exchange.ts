import type { IncomingMessage, ServerResponse } from "node:http";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { Registry } from "./registry.ts";
import type { RegistryAction } from "./registry-access.ts";
import { RegistryError } from "./registry-error.ts";

/** One authenticated request to a route. */
export interface RegistryExchange {
  registry: Registry;
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  /** Throws RegistryError DENIED. */
  authorize(action: RegistryAction, repository: string): void;
}

export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: text });
}

export function unsupportedMethod(request: IncomingMessage): RegistryError {
  return new RegistryError("UNSUPPORTED", { message: `${request.method} is not supported here` });
}
