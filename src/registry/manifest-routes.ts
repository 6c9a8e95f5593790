import type { IncomingMessage, ServerResponse } from "node:http";
import { isDigest } from "../oci/digest.ts";
import { isTag } from "../oci/image-reference.ts";
import { formatEntityTag, isNotModified } from "./conditional-request.ts";
import { maximumManifestSize } from "./manifests.ts";
import type { ManifestHead } from "./registry-content.ts";
import { RegistryError } from "./registry-error.ts";
import { getRegistry, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";

export async function answerManifest(exchange: RegistryExchange, repository: string, reference: string): Promise<void> {
  switch (exchange.request.method) {
    case "HEAD":
    case "GET":
      return sendManifest(exchange, repository, reference);
    case "PUT":
      return pushManifest(exchange, repository, reference);
    case "DELETE":
      return deleteManifest(exchange, repository, reference);
    default:
      throw unsupportedMethod(exchange.request);
  }
}

async function sendManifest(exchange: RegistryExchange, repository: string, reference: string): Promise<void> {
  const { content, request, response, authorize } = exchange;
  authorize("pullManifest", repository);
  checkReference(reference);
  if (request.method === "HEAD" || request.headers["if-none-match"] !== undefined) {
    const record = await content.manifestExists(repository, reference);
    if (record === undefined) throw unknownManifest(reference);
    if (isNotModified(request, record.digest)) return sendNotModified(response, record);
    if (request.method === "GET") return sendWholeManifest(exchange, repository, reference);
    response.writeHead(200, manifestHeaders(record)).end();
    return;
  }
  return sendWholeManifest(exchange, repository, reference);
}

async function sendWholeManifest(
  { content, response }: RegistryExchange,
  repository: string,
  reference: string,
): Promise<void> {
  const manifest = await content.pullManifest(repository, reference);
  if (manifest === undefined) throw unknownManifest(reference);
  response.writeHead(200, manifestHeaders(manifest.record)).end(manifest.body);
}

function sendNotModified(response: ServerResponse, head: ManifestHead): void {
  const { "content-type": _type, "content-length": _length, ...headers } = manifestHeaders(head);
  response.writeHead(304, headers).end();
}

function manifestHeaders({ digest, mediaType, size, stale }: ManifestHead) {
  return {
    "content-type": mediaType,
    "content-length": size,
    "docker-content-digest": digest,
    etag: formatEntityTag(digest),
    // https://www.rfc-editor.org/rfc/rfc7234#section-5.5.1
    ...(stale === undefined ? {} : { warning: `110 - "${stale.replace(/["\\]/g, "'")}"` }),
  };
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
