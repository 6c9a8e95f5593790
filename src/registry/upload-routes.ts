import { type Digest, isDigest } from "../oci/digest.ts";
import { isRepositoryName } from "../oci/image-reference.ts";
import { parseContentRange } from "./byte-range.ts";
import type { Registry } from "./registry.ts";
import { RegistryError } from "./registry-error.ts";
import { getRegistry, parseDigest, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";
import { formatReceived } from "./uploads.ts";

/** `POST …/blobs/uploads/`: mounts, takes the whole blob, or opens an upload session. */
export async function answerUploads(exchange: RegistryExchange, repository: string): Promise<void> {
  const { request, response, query, authorize } = exchange;
  if (request.method !== "POST") throw unsupportedMethod(request);
  authorize("startUpload", repository);
  const registry = getRegistry(exchange);
  const mounted = mountBlob(exchange, repository);
  if (mounted !== undefined) return sendCreated(exchange, repository, mounted);
  if (query.has("digest")) return receiveBlob(exchange, repository);
  const id = await registry.startUpload(repository);
  response.writeHead(202, uploadHeaders(repository, id, 0)).end();
}

export async function answerUpload(exchange: RegistryExchange, repository: string, id: string): Promise<void> {
  const { request, response, authorize } = exchange;
  const registry = getRegistry(exchange);
  switch (request.method) {
    case "GET":
    case "HEAD":
      authorize("uploadChunk", repository);
      response.writeHead(204, uploadHeaders(repository, id, registry.uploadSize(repository, id))).end();
      return;
    case "PATCH": {
      authorize("uploadChunk", repository);
      const size = await atUpload(registry, repository, id, () =>
        registry.uploadChunk(repository, id, request, readStart(exchange)),
      );
      response.writeHead(202, uploadHeaders(repository, id, size)).end();
      return;
    }
    case "PUT":
      authorize("finishUpload", repository);
      return finishUpload(exchange, repository, id);
    case "DELETE":
      authorize("uploadChunk", repository);
      registry.cancelUpload(repository, id);
      response.writeHead(204).end();
      return;
    default:
      throw unsupportedMethod(request);
  }
}

/** Where a mount is refused or no source has such a blob, the spec lets the upload begin instead. */
function mountBlob(exchange: RegistryExchange, repository: string): Digest | undefined {
  const { query } = exchange;
  const digest = query.get("mount");
  if (digest === null || !isDigest(digest)) return undefined;
  const from = query.get("from");
  // The spec lets `from` be left out: any repository will do that the client may read.
  const sources = from === null ? getRegistry(exchange).repositoriesOf(digest) : [from];
  return sources.some((source) => mountFrom(exchange, repository, source, digest)) ? digest : undefined;
}

function mountFrom(exchange: RegistryExchange, repository: string, source: string, digest: Digest): boolean {
  if (!isRepositoryName(source)) return false;
  try {
    exchange.authorize("pullBlob", source);
    return getRegistry(exchange).mountBlob(repository, source, digest);
  } catch (error) {
    if (error instanceof RegistryError && (error.code === "DENIED" || error.code === "NAME_UNKNOWN")) return false;
    throw error;
  }
}

/** The whole blob in one POST. Nobody was told of the session, so that nobody could go on with it. */
async function receiveBlob(exchange: RegistryExchange, repository: string): Promise<void> {
  const { authorize } = exchange;
  const registry = getRegistry(exchange);
  authorize("finishUpload", repository);
  const digest = readDigest(exchange);
  const id = await registry.startUpload(repository);
  try {
    await registry.finishUpload(repository, id, digest, { content: exchange.request });
  } catch (error) {
    // A digest that does not fit has ended the session already.
    if (!(error instanceof RegistryError)) registry.cancelUpload(repository, id);
    throw error;
  }
  sendCreated(exchange, repository, digest);
}

async function finishUpload(exchange: RegistryExchange, repository: string, id: string): Promise<void> {
  const { request } = exchange;
  const registry = getRegistry(exchange);
  const digest = readDigest(exchange);
  await atUpload(registry, repository, id, () =>
    registry.finishUpload(repository, id, digest, { content: request, start: readStart(exchange) }),
  );
  sendCreated(exchange, repository, digest);
}

function readDigest({ query }: RegistryExchange): Digest {
  const text = query.get("digest");
  if (text === null) throw new RegistryError("DIGEST_INVALID", { message: "digest is missing" });
  return parseDigest(text);
}

/** Where the chunk in a request's body begins, if the request says so. */
function readStart({ request }: RegistryExchange): number | undefined {
  const range = parseContentRange(request.headers["content-range"]);
  const length = request.headers["content-length"];
  if (range !== undefined && length !== undefined && range.end - range.start + 1 !== Number(length)) {
    throw new RegistryError("RANGE_INVALID", { message: "Content-Range does not match Content-Length" });
  }
  return range?.start;
}

/** A chunk that does not fit is answered with what is there and where to go on. */
async function atUpload<R>(registry: Registry, repository: string, id: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== "RANGE_INVALID") throw error;
    const { "content-length": _, ...headers } = uploadHeaders(repository, id, registry.uploadSize(repository, id));
    const { message, detail } = error;
    throw new RegistryError("RANGE_INVALID", { message, detail, headers, cause: error });
  }
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
