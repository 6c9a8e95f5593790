import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { openGatewayTest } from "../../test/fixtures/gateway-server.ts";
import { mediaTypes } from "../oci/manifest.ts";
import { type KeyedCertificate, mintAuthority, mintLeaf } from "./mint-certificate.ts";

const manifest = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: [] });
const path = "/v2/registry.example/acme/app/manifests/1";
const now = new Date();

/** A registry with that certificate; resolves with its port and what it was asked. */
async function startRegistry(t: TestContext, { certificate, privateKey }: KeyedCertificate) {
  const asked: string[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, ({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.writeHead(200, { "content-type": mediaTypes.imageIndex, "content-length": manifest.length });
    response.end(method === "HEAD" ? "" : manifest);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** A gateway before it, and the authorities in a file where there are any. */
async function openBefore(t: TestContext, port: number, authorities?: string) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-authority-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const ca = join(directory, "ca.pem");
  if (authorities !== undefined) writeFileSync(ca, authorities);
  const upstream = { name: "registry.example", url: `https://localhost:${port}` };
  return openGatewayTest(t, {
    config: { upstreams: [authorities === undefined ? upstream : { ...upstream, ca }] },
  });
}

function withChain(leaf: KeyedCertificate, authority: KeyedCertificate): KeyedCertificate {
  return { ...leaf, certificate: `${leaf.certificate}\n${authority.certificate}` };
}

/** For localhost, by openssl; undefined where that is not there. */
function signOwn(t: TestContext): KeyedCertificate | undefined {
  const directory = mkdtempSync(join(tmpdir(), "chubo-authority-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(directory, name)) as [string, string];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const words = ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", certificate];
  if (spawnSync("openssl", words).status !== 0) return undefined;
  return { certificate: readFileSync(certificate, "utf8"), privateKey: readFileSync(key, "utf8") };
}

describe("an upstream with a certificate by an authority of its owner", () => {
  test("is pulled from where that authority is given, beside another one", async (t) => {
    const [other, authority] = [mintAuthority(now), mintAuthority(now)];
    const registry = await startRegistry(t, mintLeaf("localhost", authority, now));
    const gateway = await openBefore(t, registry.port, `${other.certificate}\n${authority.certificate}`);
    const { status, body } = await gateway.send(path);
    assert.deepEqual([status, body.toString()], [200, manifest]);
    assert.ok(registry.asked.length > 0);
  });

  const then = new Date(now.getTime() - 730 * 24 * 3600_000);
  const authority = mintAuthority(then);
  const hint = "an authority of your own is given as this upstream's `ca`";
  for (const [what, leaf, words, trusted] of [
    [
      "an authority that is not given",
      mintLeaf("localhost", authority, now),
      `comes from an authority that is not trusted here; ${hint}`,
      false,
    ],
    [
      "one that is sent along",
      withChain(mintLeaf("localhost", authority, now), authority),
      `comes from an authority that is not trusted here; ${hint}`,
      false,
    ],
    ["one that is for signing only", mintAuthority(now), "is none for a server", false],
    ["one that has expired", mintLeaf("localhost", authority, then), "has expired", true],
    [
      "one for another host",
      mintLeaf("other.example", authority, now),
      "is for DNS:other.example, not for it; its `url` must have that name",
      true,
    ],
  ] as const) {
    test(`is refused with its host and the cause where the certificate is by ${what}, and no 404`, async (t) => {
      const registry = await startRegistry(t, leaf);
      const gateway = await openBefore(t, registry.port, trusted ? authority.certificate : undefined);
      const { status, code, body } = await gateway.send(path);
      assert.deepEqual([status, code], [503, "UNAVAILABLE"]);
      const [{ message }] = JSON.parse(body.toString()).errors;
      assert.equal(
        message,
        `registry.example cannot be reached: the certificate of localhost:${registry.port} ${words}`,
      );
      assert.deepEqual([registry.asked, gateway.defects], [[], []]);
    });
  }

  test("is refused where the certificate is signed by itself", async (t) => {
    const own = signOwn(t);
    if (own === undefined) return t.skip("openssl is not here");
    const registry = await startRegistry(t, own);
    const { status, body } = await (await openBefore(t, registry.port)).send(path);
    assert.equal(status, 503);
    assert.match(body.toString(), /the certificate of localhost:\d+ is self-signed; an authority of your own/);
    const trusting = await openBefore(t, registry.port, own.certificate);
    assert.equal((await trusting.send(path)).status, 200);
  });

  test("cannot be configured with a file that holds no certificate, or is not there", async (t) => {
    for (const text of ["", "a page", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) {
      await assert.rejects(openBefore(t, 1, text), { code: "CONFIG_CA" });
    }
    const upstreams = [{ name: "registry.example", ca: "/nonesuch.pem" }];
    await assert.rejects(openGatewayTest(t, { config: { upstreams } }), { code: "CONFIG_CA" });
  });
});
