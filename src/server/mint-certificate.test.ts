import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { mintAuthority, mintLeaf } from "./mint-certificate.ts";

const now = new Date("2026-03-01T12:00:00Z");
const read = ({ certificate }: { certificate: string }) => new X509Certificate(certificate);

test("an authority signs itself and is one", () => {
  const minted = mintAuthority(now);
  const authority = read(minted);
  assert.ok(authority.ca);
  assert.ok(authority.verify(authority.publicKey));
  assert.ok(authority.checkIssued(authority));
  assert.ok(authority.checkPrivateKey(createPrivateKey(minted.privateKey)));
  assert.equal(authority.validFromDate.toISOString(), "2026-03-01T11:00:00.000Z");
  assert.equal(authority.validToDate.toISOString(), "2036-02-27T12:00:00.000Z");
});

test("two authorities differ in name and serial number", () => {
  const [one, other] = [mintAuthority(now), mintAuthority(now)].map(read) as [X509Certificate, X509Certificate];
  assert.notEqual(one.subject, other.subject);
  assert.notEqual(one.serialNumber, other.serialNumber);
});

for (const host of ["sts.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com", `${"a".repeat(63)}.example`]) {
  test(`a leaf is for ${host} and was issued by its authority`, () => {
    const authority = mintAuthority(now);
    const minted = mintLeaf(host, authority, now);
    const leaf = read(minted);
    assert.equal(leaf.checkHost(host), host);
    assert.equal(leaf.checkHost("example.com"), undefined);
    assert.ok(leaf.checkIssued(read(authority)));
    assert.ok(leaf.verify(read(authority).publicKey));
    assert.ok(!leaf.verify(read(mintAuthority(now)).publicKey));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(minted.privateKey)));
    assert.ok(!leaf.ca);
  });
}

for (const address of ["127.0.0.1", "::1", "2001:db8::1:ffff:1.2.3.4", "fe80::"]) {
  test(`a leaf is for the address ${address}`, () => {
    const leaf = read(mintLeaf(address, mintAuthority(now), now));
    assert.equal(leaf.checkIP(address), address);
    assert.equal(leaf.checkIP("127.0.0.2"), undefined);
  });
}

test("a leaf ends with its authority", () => {
  const authority = mintAuthority(new Date("2017-01-01T00:00:00Z"));
  assert.equal(read(mintLeaf("a.example", authority, now)).validTo, read(authority).validTo);
});
