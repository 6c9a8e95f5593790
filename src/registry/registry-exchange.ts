import type { IncomingMessage, ServerResponse } from "node:http";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { BlockPool } from "./block-pool.ts";
import type { HeaderList } from "./manifest-headers.ts";
import type { Registry } from "./registry.ts";
import type { RegistryAction } from "./registry-access.ts";
import type { ManifestHead, RegistryContent } from "./registry-content.ts";
import { RegistryError } from "./registry-error.ts";

/** One authenticated request to a route. */
export interface RegistryExchange {
  content: RegistryContent;
  /** Undefined where nothing can be pushed. */
  registry: Registry | undefined;
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  blocks: BlockPool;
  manifestHeaders(head: ManifestHead): HeaderList;
  /** Throws RegistryError DENIED. */
  authorize(action: RegistryAction, repository: string): void;
}

export function getRegistry({ registry }: RegistryExchange): Registry {
  if (registry !== undefined) return registry;
  throw new RegistryError("UNSUPPORTED", { message: "this registry is pulled from, not pushed to" });
}

export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: text });
}

export function unsupportedMethod(request: IncomingMessage): RegistryError {
  return new RegistryError("UNSUPPORTED", { message: `${request.method} is not supported here` });
}
