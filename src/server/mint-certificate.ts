// Certificates as Go's x509, OpenSSL and Node accept them: RFC 5280, and the CA/Browser Forum's limit of 398 days for
// leaves. Written here, because a library that knows all of X.509 takes longer to load than a build to start.
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import * as der from "./der.ts";

const day = 24 * 60 * 60 * 1000;
/** Clocks of containers and virtual machines run a little behind. */
const clockSkew = 60 * 60 * 1000;

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  certificate: string;
  privateKey: string;
}

/** A self-signed authority, valid for ten years. Its name is unique, so that clients never mix up two authorities. */
export function mintAuthority(now: Date): KeyedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = distinguishedName([
    ["2.5.4.3", `Chubo build proxy ${randomBytes(4).toString("hex")}`],
    ["2.5.4.10", "Chubo"],
  ]);
  const certificate = signCertificate(privateKey, {
    issuer: name,
    subject: name,
    notBefore: new Date(now.getTime() - clockSkew),
    notAfter: new Date(now.getTime() + 3650 * day),
    publicKey,
    extensions: [
      extension("2.5.29.19", der.sequence(der.boolean(true), der.integer(0)), "critical"),
      // keyCertSign, cRLSign
      extension("2.5.29.15", der.namedBits(5, 6), "critical"),
      extension("2.5.29.14", der.octetString(keyIdentifier(publicKey))),
    ],
  });
  return { certificate, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

/** A server certificate for one host name or IP address, valid for at most 397 days. */
export function mintLeaf(host: string, authority: KeyedCertificate, now: Date): KeyedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = new X509Certificate(authority.certificate);
  const certificate = signCertificate(createPrivateKey(authority.privateKey), {
    issuer: subjectOf(issuer),
    // A common name has 64 characters at most; clients read the alternative name anyway.
    subject: distinguishedName([["2.5.4.3", host.length <= 64 ? host : "Chubo"]]),
    notBefore: new Date(now.getTime() - clockSkew),
    notAfter: new Date(Math.min(now.getTime() + 396 * day, issuer.validToDate.getTime())),
    publicKey,
    extensions: [
      // Not an authority: the absent member says so.
      extension("2.5.29.19", der.sequence(), "critical"),
      // digitalSignature
      extension("2.5.29.15", der.namedBits(0), "critical"),
      // serverAuth
      extension("2.5.29.37", der.sequence(der.objectIdentifier("1.3.6.1.5.5.7.3.1"))),
      extension("2.5.29.17", der.sequence(alternativeName(host))),
      extension("2.5.29.35", der.sequence(der.implicit(0, keyIdentifier(issuer.publicKey)))),
      extension("2.5.29.14", der.octetString(keyIdentifier(publicKey))),
    ],
  });
  return { certificate, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

interface CertificateParts {
  issuer: Uint8Array;
  subject: Uint8Array;
  notBefore: Date;
  notAfter: Date;
  publicKey: KeyObject;
  extensions: Uint8Array[];
}

/** RFC 5280, 4.1, signed with ECDSA over SHA-256 (RFC 5758, 3.2). PEM. */
function signCertificate(signingKey: KeyObject, parts: CertificateParts): string {
  const algorithm = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
  const version3 = der.explicit(0, der.integer(2));
  const content = der.sequence(
    version3,
    der.integer(newSerialNumber()),
    algorithm,
    parts.issuer,
    der.sequence(der.time(parts.notBefore), der.time(parts.notAfter)),
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(...parts.extensions)),
  );
  const signature = sign("sha256", content, signingKey);
  return new X509Certificate(der.sequence(content, algorithm, der.bitString(signature))).toString();
}

/** Attribute types by their object identifiers, one to a relative name: RFC 5280, 4.1.2.4. */
function distinguishedName(attributes: readonly (readonly [type: string, value: string])[]): Buffer {
  return der.sequence(
    ...attributes.map(([type, value]) => der.setOf(der.sequence(der.objectIdentifier(type), der.utf8String(value)))),
  );
}

/** RFC 5280, 4.1: `critical` is left out where it is false, as DER demands of defaults. */
function extension(identifier: string, value: Uint8Array, critical?: "critical"): Buffer {
  const flag = critical === undefined ? [] : [der.boolean(true)];
  return der.sequence(der.objectIdentifier(identifier), ...flag, der.octetString(value));
}

/** RFC 5280, 4.2.1.6: a DNS name, or an address as its 4 or 16 bytes. */
function alternativeName(host: string): Buffer {
  if (isIPv4(host)) return der.implicit(7, Buffer.from(host.split(".").map(Number)));
  if (isIPv6(host)) return der.implicit(7, ipv6Bytes(host));
  return der.implicit(2, Buffer.from(host, "latin1"));
}

/** The parser of URLs writes an address in one form only: hexadecimal groups, the zeros left out at one place. */
function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text = "") => text.split(":").filter((group) => group !== "");
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill("0");
  const all = [...groups(head), ...zeros, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** The name byte for byte, as clients compare it. The authority has signed itself, so its issuer is its subject. */
function subjectOf(authority: X509Certificate): Buffer {
  const [content = Buffer.alloc(0)] = der.elementsOf(authority.raw);
  return der.elementsOf(content)[3] as Buffer;
}

/** SHA-1 of the public key's bits, which names a key and proves nothing: RFC 5280, 4.2.1.2, method 1. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const [, bits = Buffer.alloc(0)] = der.elementsOf(publicKey.export({ type: "spki", format: "der" }));
  return createHash("sha1").update(der.contentOf(bits).subarray(1)).digest();
}

/** Positive, as RFC 5280 demands, and 127 bits of it random. */
function newSerialNumber(): bigint {
  return BigInt(`0x${randomBytes(16).toString("hex")}`) >> 1n || 1n;
}
