import { type Digest, isDigest } from "../oci/digest.ts";
import { isRepositoryName } from "../oci/image-reference.ts";
import { parseContentRange } from "./byte-range.ts";
import { RegistryError } from "./registry-error.ts";
import { getRegistry, parseDigest, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";
import { formatReceived } from "./uploads.ts";

/** `POST …/blobs/uploads/`: mounts, takes the whole blob, or opens an upload session. */
export async function answerUploads(exchange: RegistryExchange, repository: string): Promise<void> {
  const { request, response, query, authorize } = exchange;
  if (request.method !== "POST") throw unsupportedMethod(request);
  authorize("startUpload", repository);
  const registry = getRegistry(exchange);
  const mounted = await mountBlob(exchange, repository);
  if (mounted !== undefined) return sendCreated(exchange, repository, mounted);
  const digest = query.get("digest");
  if (digest !== null) authorize("finishUpload", repository);
  const id = await registry.startUpload(repository);
  if (digest !== null) return finishUpload(exchange, repository, id, digest);
  response.writeHead(202, uploadHeaders(repository, id, 0)).end();
}

export async function answerUpload(exchange: RegistryExchange, repository: string, id: string): Promise<void> {
  const { request, response, query, authorize } = exchange;
  const registry = getRegistry(exchange);
  switch (request.method) {
    case "GET":
      authorize("uploadChunk", repository);
      response.writeHead(204, uploadHeaders(repository, id, registry.uploadSize(repository, id))).end();
      return;
    case "PATCH": {
      authorize("uploadChunk", repository);
      const size = await receiveChunk(exchange, repository, id);
      response.writeHead(202, uploadHeaders(repository, id, size)).end();
      return;
    }
    case "PUT":
      authorize("finishUpload", repository);
      return finishUpload(exchange, repository, id, query.get("digest"));
    case "DELETE":
      authorize("uploadChunk", repository);
      await registry.cancelUpload(repository, id);
      response.writeHead(204).end();
      return;
    default:
      throw unsupportedMethod(request);
  }
}

/** Where a mount is refused or the source has no such blob, the spec lets the upload begin instead. */
async function mountBlob(exchange: RegistryExchange, repository: string): Promise<Digest | undefined> {
  const { query, authorize } = exchange;
  const digest = query.get("mount");
  const from = query.get("from");
  if (digest === null || !isDigest(digest) || from === null || !isRepositoryName(from)) return undefined;
  try {
    authorize("pullBlob", from);
    return (await getRegistry(exchange).mountBlob(repository, from, digest)) ? digest : undefined;
  } catch (error) {
    if (error instanceof RegistryError && (error.code === "DENIED" || error.code === "NAME_UNKNOWN")) return undefined;
    throw error;
  }
}

async function finishUpload(
  exchange: RegistryExchange,
  repository: string,
  id: string,
  text: string | null,
): Promise<void> {
  if (text === null) throw new RegistryError("DIGEST_INVALID", { message: "digest is missing" });
  const digest = parseDigest(text);
  await receiveChunk(exchange, repository, id);
  await getRegistry(exchange).finishUpload(repository, id, digest);
  sendCreated(exchange, repository, digest);
}

async function receiveChunk(exchange: RegistryExchange, repository: string, id: string): Promise<number> {
  const { request } = exchange;
  const range = parseContentRange(request.headers["content-range"]);
  const length = request.headers["content-length"];
  if (range !== undefined && length !== undefined && range.end - range.start + 1 !== Number(length)) {
    throw new RegistryError("RANGE_INVALID", { message: "Content-Range does not match Content-Length" });
  }
  return getRegistry(exchange).uploadChunk(repository, id, request, range?.start);
}

function sendCreated({ response }: RegistryExchange, repository: string, digest: Digest): void {
  response
    .writeHead(201, {
      location: `/v2/${repository}/blobs/${digest}`,
      "docker-content-digest": digest,
      "content-length": 0,
    })
    .end();
}

function uploadHeaders(repository: string, id: string, size: number) {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    "docker-upload-uuid": id,
    range: formatReceived(size),
    "content-length": 0,
  };
}
