import type { IncomingMessage } from "node:http";
import { isDigest } from "../oci/digest.ts";
import { isTag } from "../oci/image-reference.ts";
import { isNotModified } from "./conditional-request.ts";
import { notModifiedHeaders } from "./manifest-headers.ts";
import { maximumManifestSize } from "./manifests.ts";
import type { ManifestHead } from "./registry-content.ts";
import { RegistryError } from "./registry-error.ts";
import { getRegistry, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";

/** Undefined where it is answered already. */
export function answerManifest(
  exchange: RegistryExchange,
  repository: string,
  reference: string,
): Promise<void> | undefined {
  switch (exchange.request.method) {
    case "HEAD":
    case "GET":
      return sendManifest(exchange, repository, reference);
    case "PUT":
      return pushManifest(exchange, repository, reference);
    case "DELETE":
      return void deleteManifest(exchange, repository, reference);
    default:
      throw unsupportedMethod(exchange.request);
  }
}

function sendManifest(exchange: RegistryExchange, repository: string, reference: string): Promise<void> | undefined {
  const { content, request, authorize } = exchange;
  authorize("pullManifest", repository);
  checkReference(reference);
  if (request.method === "HEAD" || request.headers["if-none-match"] !== undefined) {
    return sendManifestHead(exchange, repository, reference);
  }
  const manifest = content.pullManifest(repository, reference);
  if (manifest instanceof Promise) return manifest.then((fetched) => sendFound(exchange, reference, fetched));
  sendFound(exchange, reference, manifest);
}

async function sendManifestHead(exchange: RegistryExchange, repository: string, reference: string): Promise<void> {
  const { content, request, response, manifestHeaders } = exchange;
  const head = await content.manifestExists(repository, reference);
  if (head === undefined) throw unknownManifest(reference);
  if (isNotModified(request, head.digest)) {
    response.writeHead(304, [...notModifiedHeaders(head)]).end();
  } else if (request.method === "HEAD") {
    response.writeHead(200, manifestHeaders(head) as string[]).end();
  } else {
    sendFound(exchange, reference, await content.pullManifest(repository, reference));
  }
}

function sendFound(
  { response, manifestHeaders }: RegistryExchange,
  reference: string,
  manifest: { record: ManifestHead; body: Buffer } | undefined,
): void {
  if (manifest === undefined) throw unknownManifest(reference);
  response.writeHead(200, manifestHeaders(manifest.record) as string[]).end(manifest.body);
}

async function pushManifest(exchange: RegistryExchange, repository: string, reference: string): Promise<void> {
  const { request, response, authorize } = exchange;
  authorize("pushManifest", repository);
  const registry = getRegistry(exchange);
  const body = await readBody(request);
  const mediaType = request.headers["content-type"] ?? "";
  const { digest, subject } = await registry.pushManifest(repository, reference, { body, mediaType });
  response
    .writeHead(201, {
      location: `/v2/${repository}/manifests/${digest}`,
      "docker-content-digest": digest,
      "content-length": 0,
      ...(subject === undefined ? {} : { "oci-subject": subject }),
    })
    .end();
}

function deleteManifest(exchange: RegistryExchange, repository: string, reference: string): void {
  const { response, authorize } = exchange;
  authorize("deleteManifest", repository);
  checkReference(reference);
  if (!getRegistry(exchange).deleteManifest(repository, reference)) throw unknownManifest(reference);
  response.writeHead(202, { "content-length": 0 }).end();
}

function checkReference(reference: string): void {
  if (isDigest(reference) || isTag(reference)) return;
  throw new RegistryError(reference.includes(":") ? "DIGEST_INVALID" : "TAG_INVALID", { detail: reference });
}

function unknownManifest(reference: string): RegistryError {
  return new RegistryError("MANIFEST_UNKNOWN", { detail: { reference } });
}

/** Reads an oversized body to its end without keeping it, so that the client gets to see the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= maximumManifestSize) chunks.push(chunk);
  }
  if (size > maximumManifestSize) throw new RegistryError("SIZE_INVALID");
  return Buffer.concat(chunks);
}
