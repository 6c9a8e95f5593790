/** Codes of Node's TLS: https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes */
const reasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "comes from an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes from an authority that is not trusted here",
  CERT_UNTRUSTED: "comes from an authority that is not trusted here",
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  CERT_REVOKED: "is revoked",
  INVALID_PURPOSE: "is none for a server",
  CERT_SIGNATURE_FAILURE: "is signed by another one than it says",
};

/** What can be done where the authority is the owner's own. */
const ownAuthority = "an authority of your own is given as this upstream's `ca`";

/** Why the certificate of `host` was refused, with what helps; undefined for any other error. */
export function findCertificateFault(error: unknown, host: string): string | undefined {
  const { code = "", cert } = Object(error) as { code?: string; cert?: { subjectaltname?: string } };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the certificate of ${host} is for ${cert?.subjectaltname ?? "no name"}, not for it; its \`url\` must have that name`;
  }
  const reason = reasons[code];
  if (reason === undefined) return undefined;
  const hint = /expired|valid|revoked|server/.test(reason) ? "" : `; ${ownAuthority}`;
  return `the certificate of ${host} ${reason}${hint}`;
}
