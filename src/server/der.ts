// Distinguished Encoding Rules, as far as a certificate needs them: ITU-T X.690, https://www.itu.int/rec/T-REC-X.690

/** Tag, length, content. Lengths below 128 take one byte, longer ones say first how many bytes they take (8.1.3). */
export function derValue(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length = Buffer.from(evenHex(body.length.toString(16)), "hex");
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

export const sequence = (...content: Uint8Array[]) => derValue(0x30, ...content);
export const setOf = (element: Uint8Array) => derValue(0x31, element);
export const boolean = (value: boolean) => derValue(0x01, Buffer.of(value ? 0xff : 0));
export const octetString = (content: Uint8Array) => derValue(0x04, content);
export const utf8String = (text: string) => derValue(0x0c, Buffer.from(text, "utf8"));

/** A tag of the surrounding type's own, around a value that keeps its tag (`explicit`) or in its place (`implicit`). */
export const explicit = (number: number, value: Uint8Array) => derValue(0xa0 | number, value);
export const implicit = (number: number, content: Uint8Array) => derValue(0x80 | number, content);

/** A whole number that is not negative, in the fewest bytes whose first bit is 0 (8.3). */
export function integer(value: bigint | number): Buffer {
  const bytes = Buffer.from(evenHex(value.toString(16)), "hex");
  return derValue(0x02, ...((bytes[0] as number) & 0x80 ? [Buffer.of(0)] : []), bytes);
}

export function bitString(bytes: Uint8Array): Buffer {
  return derValue(0x03, Buffer.of(0), bytes);
}

/** Named bits, the first one foremost; DER leaves trailing zeros out and counts those of the last byte (11.2.2). */
export function namedBits(...numbers: [number, ...number[]]): Buffer {
  const last = Math.max(...numbers);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (const number of numbers) bytes[number >> 3] = (bytes[number >> 3] as number) | (0x80 >> (number & 7));
  return derValue(0x03, Buffer.of(7 - (last & 7)), bytes);
}

/** `1.2.840.10045.4.3.2`: base 128, all bytes of a number but its last with the high bit (8.19). */
export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return derValue(0x06, Buffer.from(bytes));
}

/** UTCTime up to 2049 and GeneralizedTime from 2050 on, in seconds: RFC 5280, 4.1.2.5. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`;
  if (date.getUTCFullYear() < 2050) return derValue(0x17, Buffer.from(digits.slice(2), "latin1"));
  return derValue(0x18, Buffer.from(digits, "latin1"));
}

/** What stands behind a value's tag and length. */
export function contentOf(value: Buffer): Buffer {
  const { start, end } = boundsOf(value);
  return value.subarray(start, end);
}

/** The values within a value, each whole. */
export function elementsOf(value: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let rest = contentOf(value); rest.length > 0; ) {
    const { end } = boundsOf(rest);
    found.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return found;
}

function boundsOf(value: Buffer): { start: number; end: number } {
  const first = value.readUInt8(1);
  if (first < 0x80) return { start: 2, end: 2 + first };
  const start = 2 + (first & 0x7f);
  return { start, end: start + value.readUIntBE(2, first & 0x7f) };
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}
