import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer, rootCertificates, type SecureContext } from "node:tls";
import { type AuthorityOptions, openCertificateAuthority } from "./certificate-authority.ts";

const options: AuthorityOptions = { now: () => new Date() };

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "chubo-authority-"));
  try {
    await work(join(directory, "ca"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("keeps the private key for its owner alone, and leaves no drafts", async () => {
  await inDirectory(async (directory) => {
    const { caFile, bundleFile } = await openCertificateAuthority(directory, options);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal(statSync(join(directory, "ca.key")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory).sort(), ["bundle.pem", "ca.key", "ca.pem"]);
    assert.ok(!readFileSync(caFile, "utf8").includes("PRIVATE"));
    assert.ok(!readFileSync(bundleFile, "utf8").includes("PRIVATE"));
  });
});

test("takes the same authority again", async () => {
  await inDirectory(async (directory) => {
    const first = await openCertificateAuthority(directory, options);
    const second = await openCertificateAuthority(directory, options);
    assert.equal(second.caPem, first.caPem);
  });
});

test("ends with one authority where many open a directory at once", async () => {
  await inDirectory(async (directory) => {
    const all = await Promise.all(Array.from({ length: 12 }, () => openCertificateAuthority(directory, options)));
    assert.deepEqual(
      new Set(all.map(({ caPem }) => caPem)),
      new Set([readFileSync(join(directory, "ca.pem"), "utf8")]),
    );
  });
});

for (const [what, spoil] of [
  ["is cut short", (text: string) => text.slice(0, 300)],
  ["is empty", () => ""],
  ["has lost its certificate", (text: string) => text.slice(0, text.indexOf("-----BEGIN CERT"))],
] as const) {
  test(`makes a new authority, and says so, where the stored one ${what}`, async () => {
    await inDirectory(async (directory) => {
      const first = await openCertificateAuthority(directory, options);
      const keyFile = join(directory, "ca.key");
      writeFileSync(keyFile, spoil(readFileSync(keyFile, "utf8")));
      const reasons: string[] = [];
      const onRemade = (reason: string) => void reasons.push(reason);
      const second = await openCertificateAuthority(directory, { ...options, onRemade });
      assert.notEqual(second.caPem, first.caPem);
      assert.equal(readFileSync(second.caFile, "utf8"), second.caPem);
      assert.equal(reasons.length, 1);
    });
  });
}

test("replaces an authority that ends within a month", async () => {
  await inDirectory(async (directory) => {
    const past = new Date(Date.now() - 3630 * 24 * 3600 * 1000);
    const first = await openCertificateAuthority(directory, { now: () => past });
    const reasons: string[] = [];
    const second = await openCertificateAuthority(directory, {
      ...options,
      onRemade: (text) => void reasons.push(text),
    });
    assert.notEqual(second.caPem, first.caPem);
    assert.match(reasons.join(), /expires/);
  });
});

test("writes a bundle of the system's roots and its own certificate", async () => {
  await inDirectory(async (directory) => {
    const roots = `${directory}-roots.pem`;
    writeFileSync(roots, `${rootCertificates[0]}\n`);
    const { caPem, bundleFile } = await openCertificateAuthority(directory, {
      ...options,
      rootFiles: ["/none", roots],
    });
    assert.equal(readFileSync(bundleFile, "utf8"), `${rootCertificates[0]}\n${caPem}`);
  });
});

test("falls back on Node's roots where the system has none", async () => {
  await inDirectory(async (directory) => {
    const { bundleFile } = await openCertificateAuthority(directory, { ...options, rootFiles: ["/none", tmpdir()] });
    const bundled = readFileSync(bundleFile, "utf8").match(/BEGIN CERTIFICATE/g)?.length;
    assert.equal(bundled, rootCertificates.length + 1);
  });
});

test("shows certificates that a client trusting the authority alone accepts, for names, long names and addresses", async () => {
  await inDirectory(async (directory) => {
    const authority = await openCertificateAuthority(directory, options);
    const long = `${"a".repeat(60)}.s3.eu-central-1.amazonaws.com`;
    for (const host of ["registry-1.docker.io", long, "127.0.0.1"]) {
      const certificate = await shownCertificate(await authority.secureContextFor(host), host, authority.caPem);
      const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000;
      assert.ok(days > 300 && days <= 397, `valid for ${days} days`);
      assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
      assert.equal(certificate.ca, false);
    }
  });
});

test("makes one certificate a host, whatever its case", async () => {
  await inDirectory(async (directory) => {
    const { secureContextFor } = await openCertificateAuthority(directory, options);
    const contexts = await Promise.all([secureContextFor("docker.io"), secureContextFor("Docker.IO")]);
    assert.equal(contexts[0], contexts[1]);
  });
});

/** The certificate that a strict TLS client has accepted for `host`. */
function shownCertificate(secureContext: SecureContext, host: string, ca: string) {
  return new Promise<X509Certificate>((resolve, reject) => {
    const server = createServer({ SNICallback: (_, done) => done(null, secureContext) });
    server.addContext("*", secureContext);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      // Addresses are never sent as server name, but checked against the certificate all the same.
      const servername = /^[\d.]+$/.test(host) ? "sni.invalid" : host;
      const client = connect({ port, host: "127.0.0.1", ca, servername, checkServerIdentity: () => undefined }, () => {
        const raw = (client.getPeerCertificate(true) as { raw: Buffer }).raw;
        client.destroy();
        server.close();
        const certificate = new X509Certificate(raw);
        const matches = servername === host ? certificate.checkHost(host) : certificate.checkIP(host);
        if (matches === undefined) reject(new Error(`the certificate is not for ${host}`));
        else resolve(certificate);
      });
      client.on("error", (error) => {
        server.close();
        reject(error);
      });
    });
  });
}
