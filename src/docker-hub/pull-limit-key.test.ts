import assert from "node:assert/strict";
import { test } from "node:test";
import { addressKey } from "./pull-limit-key.ts";

const addresses: [address: string, key: string][] = [
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:203.0.113.7", "203.0.113.7"],
  ["2600:3c00:1:2:aaaa::1", "2600:3c00:1:2::"],
  ["2600:3c00:1:2:ffff:ffff:ffff:ffff", "2600:3c00:1:2::"],
  ["2600:3c00::1", "2600:3c00::"],
  ["[2600:3C00::1]", "2600:3c00::"],
  ["fe80::1%eth0", "fe80::"],
  ["2600:3c00:0:1::", "2600:3c00:0:1::"],
  ["::1", "::"],
];
for (const [address, key] of addresses) {
  test(`${address} is counted as ${key}`, () => assert.equal(addressKey(address), key));
}

test("what is no address has no key", () => {
  for (const text of ["", "localhost", "203.0.113", "2600::3c00::1"]) {
    assert.throws(() => addressKey(text), /not an IP address/);
  }
});
