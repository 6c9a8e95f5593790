import type { ServerResponse } from "node:http";
import { mediaTypes } from "../oci/manifest.ts";
import { RegistryError } from "./registry-error.ts";
import { parseDigest, type RegistryExchange, unsupportedMethod } from "./registry-exchange.ts";

export async function answerTags(
  { content, request, response, query, authorize }: RegistryExchange,
  repository: string,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") throw unsupportedMethod(request);
  authorize("listTags", repository);
  const limit = parseLimit(query.get("n"));
  const last = query.get("last");
  const { tags, isTruncated } = await content.listTags(repository, {
    ...(limit === undefined ? {} : { limit }),
    ...(last === null ? {} : { last }),
  });
  const next = tags.at(-1);
  const link =
    isTruncated && next !== undefined
      ? `/v2/${repository}/tags/list?n=${limit}&last=${encodeURIComponent(next)}`
      : undefined;
  const headers = link === undefined ? {} : { link: `<${link}>; rel="next"` };
  sendJson(response, "application/json", { name: repository, tags }, headers);
}

function parseLimit(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new RegistryError("PAGINATION_NUMBER_INVALID", { detail: text });
  return Number(text);
}

export async function answerReferrers(
  { content, request, response, query, authorize }: RegistryExchange,
  repository: string,
  text: string,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") throw unsupportedMethod(request);
  authorize("listReferrers", repository);
  const artifactType = query.get("artifactType");
  const referrers = await content.listReferrers(repository, parseDigest(text));
  const manifests = referrers.filter((referrer) => artifactType === null || referrer.artifactType === artifactType);
  const headers = artifactType === null ? {} : { "oci-filters-applied": "artifactType" };
  sendJson(response, mediaTypes.imageIndex, { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests }, headers);
}

function sendJson(
  response: ServerResponse,
  contentType: string,
  value: unknown,
  headers: Record<string, string>,
): void {
  const body = JSON.stringify(value);
  response
    .writeHead(200, { ...headers, "content-type": contentType, "content-length": Buffer.byteLength(body) })
    .end(body);
}
