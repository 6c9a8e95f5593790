// Certificates as Go's x509, OpenSSL and Node accept them: RFC 5280, and the CA/Browser Forum's limit of 398 days for leaves.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

const day = 24 * 60 * 60 * 1000;
/** Clocks of containers and virtual machines run a little behind. */
const clockSkew = 60 * 60 * 1000;

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  certificate: string;
  privateKey: string;
}

/** A self-signed authority, valid for ten years. Its name is unique, so that clients never mix up two authorities. */
export async function mintAuthority(now: Date): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: `CN=Chubo build proxy ${randomBytes(4).toString("hex")}, O=Chubo`,
    notBefore: new Date(now.getTime() - clockSkew),
    notAfter: new Date(now.getTime() + 3650 * day),
    signingAlgorithm: ecdsa,
    keys: keys.pair,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.pair.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, privateKey: keys.pem };
}

/** A server certificate for one host name or IP address, valid for at most 397 days. */
export async function mintLeaf(host: string, authority: KeyedCertificate, now: Date): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    // A common name has 64 characters at most; clients read the alternative name anyway.
    subject: [{ CN: [host.length <= 64 ? host : "Chubo"] }],
    issuer: issuer.subjectName,
    notBefore: new Date(now.getTime() - clockSkew),
    notAfter: new Date(Math.min(now.getTime() + 396 * day, issuer.notAfter.getTime())),
    signingAlgorithm: ecdsa,
    publicKey: keys.pair.publicKey,
    signingKey: await toSigningKey(authority.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: isIP(host) === 0 ? "dns" : "ip", value: host }]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.pair.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, privateKey: keys.pem };
}

const ecdsa = { name: "ECDSA", hash: "SHA-256" };
const curve = { name: "ECDSA", namedCurve: "P-256" };

/** Costs about 80 ms at first, so only a process that needs a new certificate pays. */
async function loadX509() {
  // The library's dependency injection asks for this polyfill before it is loaded.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

async function generateKeys() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    pair: {
      publicKey: toWebKey(publicKey, "verify"),
      privateKey: toWebKey(privateKey, "sign"),
    },
    pem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function toSigningKey(pem: string): webcrypto.CryptoKey {
  return toWebKey(createPrivateKey(pem), "sign");
}

function toWebKey(key: KeyObject, usage: "sign" | "verify"): webcrypto.CryptoKey {
  return key.toCryptoKey(curve, true, [usage]);
}

/** Positive, as RFC 5280 demands, and 127 bits of it random. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] as number) & 0x7f || 1;
  return bytes.toString("hex");
}
