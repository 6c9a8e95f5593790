import type { Principal } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";

/** Milliseconds: a token of GetAuthorizationToken lives 12 hours. */
const tokenLife = 12 * 3600 * 1000;
/** A link of GetDownloadUrlForLayer lives one hour. */
const linkLife = 3600 * 1000;

interface SealedToken {
  kind: "password";
  principal: Principal;
  expiresAt: number;
}

interface SealedLink {
  kind: "link";
  path: string;
  expiresAt: number;
}

/** What stands in a registry password: nothing is stored, so that a token outlives a restart. */
export interface AuthorizationTokens {
  issue(principal: Principal): { password: string; expiresAt: Date };
  /** Undefined for what was never issued here. */
  open(password: string): { principal: Principal; expiresAt: number } | undefined;
  /** A query value that lets anybody GET one path for an hour. */
  issueLink(path: string): string;
  isValidLink(value: string, path: string): boolean;
}

export function createAuthorizationTokens(box: SecretBox, now: () => Date): AuthorizationTokens {
  const seal = (value: SealedToken | SealedLink) =>
    Buffer.from(box.seal(JSON.stringify(value)), "base64").toString("base64url");
  const unseal = (text: string) => parseSealed(box, text);
  return {
    issue(principal) {
      const expiresAt = new Date(now().getTime() + tokenLife);
      return { password: seal({ kind: "password", principal, expiresAt: expiresAt.getTime() }), expiresAt };
    },
    open(password) {
      const token = unseal(password);
      if (token?.kind !== "password") return undefined;
      return { principal: token.principal, expiresAt: token.expiresAt };
    },
    issueLink: (path) => seal({ kind: "link", path, expiresAt: now().getTime() + linkLife }),
    isValidLink(value, path) {
      const link = unseal(value);
      return link?.kind === "link" && link.path === path && link.expiresAt > now().getTime();
    },
  };
}

function parseSealed(box: SecretBox, text: string): SealedToken | SealedLink | undefined {
  // The box throws at anything that it did not seal itself; to a registry that is a wrong password.
  let plain: string;
  try {
    plain = box.open(Buffer.from(text, "base64url").toString("base64"));
  } catch {
    return undefined;
  }
  // The box seals other things too, which are no JSON or of no known kind.
  if (!plain.startsWith('{"kind":')) return undefined;
  return JSON.parse(plain) as SealedToken | SealedLink;
}
