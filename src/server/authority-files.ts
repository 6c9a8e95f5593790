import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyedCertificate } from "./mint-certificate.ts";

/**
 * The authority's directory (0700):
 *
 *     ca.key        private key and certificate in one file (0600), so that they appear together or not at all
 *     ca.pem        the certificate, for those who trust it
 *     bundle.pem    the system's roots and the certificate
 */
export function authorityFiles(directory: string) {
  return {
    key: join(directory, "ca.key"),
    certificate: join(directory, "ca.pem"),
    bundle: join(directory, "bundle.pem"),
  };
}

/** Makes the directory, and closes it to others where it was open. */
export function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** What `ca.key` holds: nothing yet, an authority, or something that cannot be used, with the reason. */
export type StoredAuthority =
  | { state: "absent" }
  | { state: "usable"; authority: KeyedCertificate }
  | { state: "unusable"; text: string; reason: string };

/** A certificate that ends within this time is as good as expired: a long-lived server may still be using it then. */
const margin = 30 * 24 * 60 * 60 * 1000;

export function readAuthority(keyFile: string, now: Date): StoredAuthority {
  let text: string;
  try {
    text = readFileSync(keyFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: "absent" };
    throw error;
  }
  if ((statSync(keyFile).mode & 0o077) !== 0) chmodSync(keyFile, 0o600);
  const reason = findFault(text, now);
  if (reason !== undefined) return { state: "unusable", text, reason };
  const start = text.indexOf(certificateStart);
  return { state: "usable", authority: { privateKey: text.slice(0, start), certificate: text.slice(start) } };
}

const certificateStart = "-----BEGIN CERTIFICATE-----";

function findFault(text: string, now: Date): string | undefined {
  try {
    const certificate = new X509Certificate(text.slice(text.indexOf(certificateStart)));
    if (!certificate.ca) return "it is no certificate authority";
    if (!certificate.checkPrivateKey(createPrivateKey(text))) return "key and certificate do not belong together";
    if (certificate.validToDate.getTime() < now.getTime() + margin) return `it expires ${certificate.validTo}`;
    if (certificate.validFromDate > now) return `it is valid only from ${certificate.validFrom}`;
    return undefined;
  } catch {
    // What OpenSSL says of broken PEM ("unsupported", "no start line") helps nobody.
    return "the file cannot be read as key and certificate";
  }
}

/** Stores a new authority unless another process has stored one meanwhile; then that one stays. */
export function storeAuthority(keyFile: string, { privateKey, certificate }: KeyedCertificate): void {
  const draft = temporaryName(keyFile);
  writeFileSync(draft, privateKey + certificate, { flag: "wx", mode: 0o600, flush: true });
  try {
    linkSync(draft, keyFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes an unusable authority away, and nothing else: another process may have replaced it already. */
export function removeAuthority(keyFile: string, unusable: string): void {
  const aside = temporaryName(keyFile);
  try {
    renameSync(keyFile, aside);
    if (readFileSync(aside, "utf8") !== unusable) linkSync(aside, keyFile);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Readers see the old text or the new one; nothing is written where the text is the same. */
export function writeWhole(file: string, text: string): void {
  if (readIfThere(file) === text) return;
  const draft = temporaryName(file);
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o644 });
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function temporaryName(file: string): string {
  return `${file}.${process.pid}-${randomBytes(6).toString("hex")}`;
}
