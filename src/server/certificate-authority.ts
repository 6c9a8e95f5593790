import type { SecureContext } from "node:tls";
import {
  authorityFiles,
  makePrivateDirectory,
  readAuthority,
  removeAuthority,
  storeAuthority,
  writeWhole,
} from "./authority-files.ts";
import { formatCaBundle } from "./ca-bundle.ts";
import { type KeyedCertificate, mintAuthority, mintLeaf } from "./mint-certificate.ts";

/** The authority whose certificates the port shows for hosts that it serves. Only a build's processes trust it. */
export interface CertificateAuthority {
  caPem: string;
  /** Files of the authority's certificate, and of that and the system's roots. */
  caFile: string;
  bundleFile: string;
  /** Key and certificate for one host, made at its first use. */
  secureContextFor(host: string): Promise<SecureContext>;
}

export interface AuthorityOptions {
  now(): Date;
  /** Says that an authority had to be replaced, and why: whoever trusted the old one must trust the new one. */
  onRemade?(reason: string): void;
  /** Files to look for the system's roots in; by default the usual places. */
  rootFiles?: readonly string[];
}

/** Opens the authority of a directory, and makes it at the first time. Never installs it into the system. */
export async function openCertificateAuthority(
  directory: string,
  options: AuthorityOptions,
): Promise<CertificateAuthority> {
  makePrivateDirectory(directory);
  const files = authorityFiles(directory);
  const authority = takeAuthority(files.key, options);
  writeWhole(files.certificate, authority.certificate);
  writeWhole(files.bundle, await formatCaBundle(authority.certificate, options.rootFiles));
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    caPem: authority.certificate,
    caFile: files.certificate,
    bundleFile: files.bundle,
    secureContextFor(host) {
      const name = host.toLowerCase();
      const context = contexts.get(name) ?? makeSecureContext(name, authority, options.now());
      contexts.set(name, context);
      // A failure is not kept: the next connection tries again.
      context.catch(() => contexts.delete(name));
      return context;
    },
  };
}

/** The stored authority. What another process stores at the same moment is taken as ours, hence the reading again. */
function takeAuthority(keyFile: string, options: AuthorityOptions): KeyedCertificate {
  for (let attempt = 0; attempt < 10; attempt++) {
    const stored = readAuthority(keyFile, options.now());
    if (stored.state === "usable") return stored.authority;
    if (stored.state === "unusable") {
      removeAuthority(keyFile, stored.text);
      options.onRemade?.(stored.reason);
    }
    storeAuthority(keyFile, mintAuthority(options.now()));
  }
  throw new Error(`no usable certificate authority could be stored as ${keyFile}`);
}

async function makeSecureContext(host: string, authority: KeyedCertificate, now: Date): Promise<SecureContext> {
  const { createSecureContext } = await import("node:tls");
  const leaf = mintLeaf(host, authority, now);
  return createSecureContext({
    key: leaf.privateKey,
    cert: leaf.certificate + authority.certificate,
    minVersion: "TLSv1.2",
  });
}
