import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A checksum that is added up as bytes pass. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** Base64, as in `x-amz-checksum-…`. */
  finish(): string;
}

/**
 * The checksum behind a trailer's name (`x-amz-checksum-crc32`). Undefined for CRC-64/NVME and the xxHash family, which
 * nothing here computes.
 */
export function startBodyChecksum(trailer: string): RunningChecksum | undefined {
  switch (trailer) {
    case "x-amz-checksum-crc32":
      return startRedundancy((chunk, value) => crc32(chunk, value));
    case "x-amz-checksum-crc32c":
      return startRedundancy(crc32c());
    case "x-amz-checksum-sha1":
    case "x-amz-checksum-sha256":
    case "x-amz-checksum-sha512":
    case "x-amz-checksum-md5": {
      const hash = createHash(trailer.slice("x-amz-checksum-".length));
      return { update: (chunk) => void hash.update(chunk), finish: () => hash.digest("base64") };
    }
    default:
      return undefined;
  }
}

function startRedundancy(add: (chunk: Uint8Array, value: number) => number): RunningChecksum {
  let value = 0;
  return {
    update(chunk) {
      value = add(chunk, value);
    },
    finish() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString("base64");
    },
  };
}

/** CRC-32C (Castagnoli), reflected. https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */
function crc32c(): (chunk: Uint8Array, value: number) => number {
  const table = Uint32Array.from({ length: 256 }, (_, index) => {
    let row = index;
    for (let bit = 0; bit < 8; bit += 1) row = row & 1 ? (row >>> 1) ^ 0x82f63b78 : row >>> 1;
    return row;
  });
  return (chunk, value) => {
    let register = ~value;
    for (const byte of chunk) register = (register >>> 8) ^ (table[(register ^ byte) & 0xff] as number);
    return ~register >>> 0;
  };
}
