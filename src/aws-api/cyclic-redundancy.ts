import { crc32 } from "node:zlib";

/** A running checksum, as node:crypto's Hash. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

export function startCrc32(): RunningChecksum {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: () => bigEndian(value),
  };
}

/** CRC-32C (Castagnoli), reflected. https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */
export function startCrc32c(): RunningChecksum {
  const table = Uint32Array.from({ length: 256 }, (_, index) => {
    let row = index;
    for (let bit = 0; bit < 8; bit += 1) row = row & 1 ? (row >>> 1) ^ 0x82f63b78 : row >>> 1;
    return row;
  });
  let value = 0xffffffff;
  return {
    update(chunk) {
      for (const byte of chunk) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] as number);
    },
    digest: () => bigEndian(~value >>> 0),
  };
}

/** CRC-64/NVME, reflected, in two halves of 32 bits: BigInt is a hundred times slower. */
export function startCrc64Nvme(): RunningChecksum {
  const { high: highs, low: lows } = crc64Table();
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      for (const byte of chunk) {
        const row = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (lows[row] as number);
        high = (high >>> 8) ^ (highs[row] as number);
      }
    },
    digest: () => Buffer.concat([bigEndian(~high >>> 0), bigEndian(~low >>> 0)]),
  };
}

/** Polynomial 0xad93d23594c93659, reflected 0x9a6c9329ac4bc9b5. */
function crc64Table(): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let [rowHigh, rowLow] = [0, index];
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = rowLow & 1;
      rowLow = ((rowLow >>> 1) | (rowHigh << 31)) ^ (isOdd ? 0xac4bc9b5 : 0);
      rowHigh = (rowHigh >>> 1) ^ (isOdd ? 0x9a6c9329 : 0);
    }
    high[index] = rowHigh;
    low[index] = rowLow;
  }
  return { high, low };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
