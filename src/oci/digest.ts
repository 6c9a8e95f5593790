import { createHash } from "node:crypto";

/** `algorithm:hex`, https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests */
export type Digest = `sha256:${string}` | `sha512:${string}`;

export type DigestAlgorithm = "sha256" | "sha512";

const shapes: Record<DigestAlgorithm, RegExp> = { sha256: /^sha256:[0-9a-f]{64}$/, sha512: /^sha512:[0-9a-f]{128}$/ };

export function isDigest(text: string): text is Digest {
  return shapes.sha256.test(text) || shapes.sha512.test(text);
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

export function digestOf(content: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): Digest {
  return `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;
}
