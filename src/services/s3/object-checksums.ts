import { createHash } from "node:crypto";
import { type RunningChecksum, startCrc32, startCrc32c, startCrc64Nvme } from "../../aws-api/cyclic-redundancy.ts";
import { s3Error } from "./s3-errors.ts";

/** Base64, under the names of the SDK's members. */
export type Checksums = { [Name in ChecksumMember]?: string };

const algorithms = {
  ChecksumCRC32: startCrc32,
  ChecksumCRC32C: startCrc32c,
  ChecksumCRC64NVME: startCrc64Nvme,
  ChecksumSHA1: () => createHash("sha1"),
  ChecksumSHA256: () => createHash("sha256"),
  ChecksumSHA512: () => createHash("sha512"),
  ChecksumMD5: () => createHash("md5"),
} as const satisfies Record<string, () => RunningChecksum>;

export type ChecksumMember = keyof typeof algorithms;

const unsupported = ["ChecksumXXHASH64", "ChecksumXXHASH3", "ChecksumXXHASH128"] as const;

type AnyMember = ChecksumMember | (typeof unsupported)[number];

/** What a request says of its body: a checksum in a header, or only the algorithm of the one in its trailer. */
export type ChecksumInput = { [Name in AnyMember]?: string | undefined } & { ChecksumAlgorithm?: string | undefined };

export interface ChecksumVerifier {
  update(chunk: Uint8Array): void;
  /** Throws BadDigest where a given checksum does not match. */
  finish(): Checksums;
}

export function startChecksums(input: ChecksumInput): ChecksumVerifier {
  const members = checksumMembers(input);
  const running = members.map((member) => [member, algorithms[member]()] as const);
  return {
    update(chunk) {
      for (const [, checksum] of running) checksum.update(chunk);
    },
    finish() {
      const checksums: Checksums = {};
      for (const [member, checksum] of running) {
        const value = checksum.digest().toString("base64");
        const name = member.slice("Checksum".length);
        if (input[member] !== undefined && input[member] !== value) {
          throw s3Error("BadDigest", {}, `The ${name} you specified did not match the calculated checksum.`);
        }
        checksums[member] = value;
      }
      return checksums;
    },
  };
}

function checksumMembers(input: ChecksumInput): ChecksumMember[] {
  const asked = input.ChecksumAlgorithm === undefined ? [] : [`Checksum${input.ChecksumAlgorithm}`];
  const known = Object.keys(algorithms) as ChecksumMember[];
  const given = [...known, ...unsupported].filter((name) => input[name] !== undefined);
  return [...new Set([...asked, ...given])].map((name) => {
    if (name in algorithms) return name as ChecksumMember;
    throw s3Error("NotImplemented", {}, `The checksum algorithm ${name.slice("Checksum".length)} is not implemented`);
  });
}

/** The checksum of a multipart object from those of its parts: `HASH-N`, of the parts' raw checksums in a row. */
export function compositeChecksum(algorithm: string, parts: readonly Checksums[]): Checksums {
  const member = `Checksum${algorithm}` as ChecksumMember;
  const running = algorithms[member]();
  for (const part of parts) {
    const value = part[member];
    if (value === undefined) return {};
    running.update(Buffer.from(value, "base64"));
  }
  return { [member]: `${running.digest().toString("base64")}-${parts.length}` };
}
