import { createHash } from "node:crypto";
import { type RunningChecksum, startCrc32, startCrc32c, startCrc64Nvme } from "./cyclic-redundancy.ts";

const checksums: Readonly<Record<string, () => RunningChecksum>> = {
  crc32: startCrc32,
  crc32c: startCrc32c,
  crc64nvme: startCrc64Nvme,
  sha1: () => createHash("sha1"),
  sha256: () => createHash("sha256"),
  sha512: () => createHash("sha512"),
  md5: () => createHash("md5"),
};

const prefix = "x-amz-checksum-";

/** The checksum behind a trailer's name (`x-amz-checksum-crc32`). Undefined for the xxHash family, which nothing here computes. */
export function startBodyChecksum(trailer: string): RunningChecksum | undefined {
  const name = trailer.startsWith(prefix) ? trailer.slice(prefix.length) : "";
  return Object.hasOwn(checksums, name) ? checksums[name]?.() : undefined;
}
