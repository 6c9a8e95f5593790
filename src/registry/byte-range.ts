import { RegistryError } from "./registry-error.ts";

export interface ByteRange {
  start: number;
  /** Inclusive. */
  end: number;
}

/**
 * A `Range` header on content of `size` bytes, cut at its end. Undefined asks for the whole: no header, another unit or
 * several ranges, which a server may ignore. https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(" ", "") ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const range =
    match[1] === ""
      ? { start: Math.max(0, size - Number(match[2])), end: size - 1 }
      : { start: Number(match[1]), end: match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1) };
  if (range.start > range.end)
    throw new RegistryError("RANGE_INVALID", { headers: { "content-range": `bytes */${size}` } });
  return range;
}

/** `Content-Range: 0-1023` of an upload's chunk; the distribution spec writes it without a unit. */
export function parseContentRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header);
  const start = Number(match?.[1]);
  const end = Number(match?.[2]);
  if (match === null || start > end) throw new RegistryError("RANGE_INVALID", { detail: header });
  return { start, end };
}
