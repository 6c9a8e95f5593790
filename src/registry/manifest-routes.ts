import type { IncomingMessage } from "node:http";
import { isDigest } from "../oci/digest.ts";
import { isTag } from "../oci/image-reference.ts";
import { maximumManifestSize } from "./manifests.ts";
import { RegistryError } from "./registry-error.ts";
import { type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";
import type { ManifestRecord } from "./repository-records.ts";

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

async function sendManifest(
  { registry, request, response, authorize }: RegistryExchange,
  repository: string,
  reference: string,
): Promise<void> {
  authorize("pullManifest", repository);
  checkReference(reference);
  if (request.method === "HEAD") {
    const record = registry.manifestExists(repository, reference);
    if (record === undefined) throw unknownManifest(reference);
    response.writeHead(200, manifestHeaders(record)).end();
    return;
  }
  const manifest = await registry.pullManifest(repository, reference);
  if (manifest === undefined) throw unknownManifest(reference);
  response.writeHead(200, manifestHeaders(manifest.record)).end(manifest.body);
}

function manifestHeaders({ digest, mediaType, size }: ManifestRecord) {
  return { "content-type": mediaType, "content-length": size, "docker-content-digest": digest, etag: `"${digest}"` };
}

async function pushManifest(
  { registry, request, response, authorize }: RegistryExchange,
  repository: string,
  reference: string,
): Promise<void> {
  authorize("pushManifest", repository);
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

function deleteManifest(
  { registry, response, authorize }: RegistryExchange,
  repository: string,
  reference: string,
): void {
  authorize("deleteManifest", repository);
  checkReference(reference);
  if (!registry.deleteManifest(repository, reference)) throw unknownManifest(reference);
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
