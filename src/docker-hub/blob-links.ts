import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Digest } from "../oci/digest.ts";

/** The signed paths of a content host: no Authorization there, the link itself is the permission. */
export interface BlobLinks {
  /** Path and query below the content host. */
  formatLink(digest: Digest): string;
  /** Undefined for what is no link, was changed or has expired. */
  findDigest(pathAndQuery: string): Digest | undefined;
}

const lifetimeSeconds = 1200;

/** Links in the form of production.cloudflare.docker.com: `…/data?verify=SECONDS-SIGNATURE`. */
export function createBlobLinks(now: () => number): BlobLinks {
  const key = randomBytes(32);
  const signatureOf = (hex: string, expires: string) => createHmac("sha256", key).update(`${hex} ${expires}`).digest();
  return {
    formatLink(digest) {
      const hex = digest.slice("sha256:".length);
      const expires = String(Math.floor(now() / 1000) + lifetimeSeconds);
      const verify = encodeURIComponent(`${expires}-${signatureOf(hex, expires).toString("base64")}`);
      return `/registry-v2/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data?verify=${verify}`;
    },
    findDigest(pathAndQuery) {
      const url = URL.parse(pathAndQuery, "http://content");
      if (url === null) return undefined;
      const [, hex] = /\/blobs\/sha256\/[0-9a-f]{2}\/([0-9a-f]{64})\/data$/.exec(url.pathname) ?? [];
      const [, expires, signature] = /^(\d+)-(.+)$/.exec(url.searchParams.get("verify") ?? "") ?? [];
      if (hex === undefined || expires === undefined || signature === undefined) return undefined;
      if (Number(expires) * 1000 < now()) return undefined;
      const given = Buffer.from(signature, "base64");
      const wanted = signatureOf(hex, expires);
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? `sha256:${hex}` : undefined;
    },
  };
}
