import { readFileSync } from "node:fs";

/** Where distributions keep their roots: Debian and Alpine, Fedora and Amazon Linux, openSUSE, macOS. */
const usualRootFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * PEM text of all that a build trusts: the system's roots, then `caPem`.
 * Most tools take one file instead of their default and not beside it, hence the roots.
 */
export async function formatCaBundle(caPem: string, rootFiles: readonly string[] = usualRootFiles): Promise<string> {
  const roots = findSystemRoots(rootFiles) ?? (await import("node:tls")).rootCertificates.join("\n");
  return `${roots.trimEnd()}\n${caPem}`;
}

function findSystemRoots(files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      const text = readFileSync(file, "utf8");
      if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    } catch (error) {
      // Unreadable counts as absent: the next place is as good.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "EACCES" && code !== "ENOTDIR" && code !== "EISDIR") throw error;
    }
  }
  return undefined;
}
