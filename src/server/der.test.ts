import assert from "node:assert/strict";
import { test } from "node:test";
import * as der from "./der.ts";

const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

const encodings: [what: string, value: Buffer, expected: string][] = [
  ["a whole number with a high first bit gets a leading zero", der.integer(128), "02020080"],
  ["zero takes one byte", der.integer(0), "020100"],
  ["a long number", der.integer(2n ** 64n), `0209${"01".padEnd(18, "0")}`],
  ["an object identifier in base 128", der.objectIdentifier("1.2.840.113549"), "06062a864886f70d"],
  ["named bits without trailing zeros", der.namedBits(5, 6), "03020106"],
  ["the first named bit", der.namedBits(0), "03020780"],
  ["a named bit of the second byte", der.namedBits(8), "0303070080"],
  ["true", der.boolean(true), "0101ff"],
  ["an empty sequence", der.sequence(), "3000"],
  ["the last second of UTCTime", der.time(new Date("2049-12-31T23:59:59.999Z")), hexOf("170d", "491231235959Z")],
  ["the first of GeneralizedTime", der.time(new Date("2050-01-01T00:00:00Z")), hexOf("180f", "20500101000000Z")],
];
for (const [what, value, expected] of encodings) {
  test(`DER writes ${what}`, () => assert.equal(hex(value), expected));
}

for (const [length, prefix] of [
  [127, "047f"],
  [128, "048180"],
  [256, "04820100"],
] as const) {
  test(`DER says a length of ${length} in the fewest bytes, and reads it back`, () => {
    const content = Buffer.alloc(length, 7);
    const value = der.octetString(content);
    assert.equal(hex(value), prefix + hex(content));
    assert.deepEqual(der.contentOf(value), content);
    assert.deepEqual(der.elementsOf(der.sequence(value, der.integer(1))), [value, der.integer(1)]);
  });
}

function hexOf(prefix: string, text: string): string {
  return prefix + Buffer.from(text, "latin1").toString("hex");
}
