import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { test } from "node:test";
import { type AddressGuard, createAddressGuard, ForbiddenAddress, isPrivateAddress } from "./address-guard.ts";

const privateOnes = [
  ...[
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
  ],
  ...["::1", "::", "fe80::1%eth0", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff02::1"],
];
const publicOnes = [
  "34.226.69.105",
  "172.32.0.1",
  "100.128.0.1",
  "2600:1f18::1",
  "::ffff:34.226.69.105",
  "64:ff9b::2200:1",
];

for (const address of privateOnes) test(`${address} is private`, () => assert.equal(isPrivateAddress(address), true));
for (const address of publicOnes) test(`${address} is public`, () => assert.equal(isPrivateAddress(address), false));

function lookup(guard: AddressGuard, name: string, all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    guard.lookup(name, { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

test("a name that leads to a private address is refused, however it is asked for", async () => {
  const guard = createAddressGuard(undefined);
  await assert.rejects(lookup(guard, "localhost", true), ForbiddenAddress);
  await assert.rejects(lookup(guard, "localhost", false), ForbiddenAddress);
});

test("an address that is written out is looked at, in brackets too", () => {
  const guard = createAddressGuard("registry.example");
  assert.throws(() => guard.check("127.0.0.1"), ForbiddenAddress);
  assert.throws(() => guard.check("[::1]"), ForbiddenAddress);
  guard.check("34.226.69.105");
  guard.check("registry.example");
});

test("an upstream that its owner put at a private address may lead to its neighbours", async () => {
  const guard = createAddressGuard("localhost");
  assert.throws(() => guard.check("10.0.0.1"), ForbiddenAddress);
  assert.ok((await lookup(guard, "localhost", true)).length > 0);
  guard.check("10.0.0.1");
  const byAddress = createAddressGuard("[::1]");
  byAddress.check("[::1]");
  byAddress.check("192.168.1.1");
});
