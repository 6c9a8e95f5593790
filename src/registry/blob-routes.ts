import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Digest } from "../oci/digest.ts";
import { apiVersion } from "./api-version.ts";
import { type ByteRange, parseByteRange } from "./byte-range.ts";
import { findRangeHeader, formatEntityTag, isNotModified } from "./conditional-request.ts";
import type { OpenBlob } from "./registry-content.ts";
import { RegistryError } from "./registry-error.ts";
import { getRegistry, parseDigest, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";
import { sendBlocks, sendFile } from "./send-file.ts";

const apiVersionHeader = [apiVersion.name, apiVersion.value];

export async function answerBlob(exchange: RegistryExchange, repository: string, text: string): Promise<void> {
  switch (exchange.request.method) {
    case "HEAD":
      return sendBlobHead(exchange, repository, text);
    case "GET":
      return sendBlob(exchange, repository, text);
    case "DELETE":
      return deleteBlob(exchange, repository, text);
    default:
      throw unsupportedMethod(exchange.request);
  }
}

async function sendBlobHead(
  { content, request, response, authorize }: RegistryExchange,
  repository: string,
  text: string,
): Promise<void> {
  authorize("blobExists", repository);
  const digest = parseDigest(text);
  const size = await content.blobExists(repository, digest);
  if (size === undefined) throw unknownBlob(digest);
  if (isNotModified(request, digest)) return sendNotModified(response, digest);
  response.writeHead(200, blobHeaders(digest, "content-length", String(size))).end();
}

async function sendBlob(exchange: RegistryExchange, repository: string, text: string): Promise<void> {
  const { content, request, response, authorize } = exchange;
  authorize("pullBlob", repository);
  const digest = parseDigest(text);
  const blob = await content.openBlob(repository, digest);
  if (blob === undefined) throw unknownBlob(digest);
  try {
    if (isNotModified(request, digest)) return sendNotModified(response, digest);
    if (blob.location !== undefined) {
      // A range, which clients repeat there, is for the other place to judge.
      const location = await blob.location();
      const place = ["docker-content-digest", digest, "location", location];
      return void response.writeHead(307, [...apiVersionHeader, ...place, "content-length", "0"]).end();
    }
    const { size } = blob;
    const range = parseByteRange(findRangeHeader(request, digest), size);
    const sendHead = () => sendBlobHeaders(response, digest, size, range);
    await sendContent(exchange, blob, range, sendHead);
  } finally {
    blob.close?.();
  }
}

function sendBlobHeaders(response: ServerResponse, digest: Digest, size: number, range: ByteRange | undefined): void {
  if (range === undefined) {
    response.writeHead(200, blobHeaders(digest, "content-length", String(size)));
  } else {
    const { start, end } = range;
    const length = String(end - start + 1);
    const contentRange = `bytes ${start}-${end}/${size}`;
    response.writeHead(206, blobHeaders(digest, "content-length", length, "content-range", contentRange));
  }
}

/** The headers are sent once it is certain that the bytes can be read. */
async function sendContent(
  { response, blocks }: RegistryExchange,
  blob: OpenBlob,
  range: ByteRange | undefined,
  sendHead: () => void,
): Promise<void> {
  const reader = await blob.follow?.(range);
  if (reader !== undefined) {
    sendHead();
    return sendBlocks(reader, response);
  }
  const file = await blob.openFile?.();
  if (file === undefined) {
    const body = await blob.read(range);
    sendHead();
    return sendStream(body, response);
  }
  try {
    sendHead();
    await sendFile(file, range ?? { start: 0, end: blob.size - 1 }, response, blocks);
  } finally {
    file.release();
  }
}

async function sendStream(content: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(content, response);
  } catch (error) {
    // A client that hangs up in the middle of a blob is no defect.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function sendNotModified(response: ServerResponse, digest: Digest): void {
  response.writeHead(304, unchangedHeaders(digest)).end();
}

/** In turn names and values, and all of them at once: a header that is set before makes Node build a table of them. */
function blobHeaders(digest: Digest, ...more: string[]): string[] {
  return [...unchangedHeaders(digest), "content-type", "application/octet-stream", ...more];
}

function unchangedHeaders(digest: Digest): string[] {
  const etag = formatEntityTag(digest);
  return [...apiVersionHeader, "docker-content-digest", digest, "etag", etag, "accept-ranges", "bytes"];
}

function deleteBlob(exchange: RegistryExchange, repository: string, text: string): void {
  const { response, authorize } = exchange;
  authorize("deleteBlob", repository);
  const digest = parseDigest(text);
  if (!getRegistry(exchange).deleteBlob(repository, digest)) throw unknownBlob(digest);
  response.writeHead(202, { "content-length": 0 }).end();
}

function unknownBlob(digest: Digest): RegistryError {
  return new RegistryError("BLOB_UNKNOWN", { detail: { digest } });
}
