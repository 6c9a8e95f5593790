import type { IncomingMessage } from "node:http";
import type { Digest } from "../oci/digest.ts";

/** Content never changes under its digest, so that the digest is a strong entity tag. */
export function formatEntityTag(digest: Digest): string {
  return `"${digest}"`;
}

/** Whether the client has the content: `If-None-Match`. https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export function isNotModified({ headers }: IncomingMessage, digest: Digest): boolean {
  const header = headers["if-none-match"];
  if (header === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(formatEntityTag(digest));
}

/** The `Range` header, unless `If-Range` asks for the whole of what has become something else. */
export function findRangeHeader({ headers }: IncomingMessage, digest: Digest): string | undefined {
  const condition = headers["if-range"];
  return condition === undefined || condition === formatEntityTag(digest) ? headers.range : undefined;
}
