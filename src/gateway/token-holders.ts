import { createHash } from "node:crypto";

/**
 * Whose a bearer token is, learnt by watching the token service's answers. Only hashes are kept, in memory, and the
 * oldest are forgotten: tokens live for minutes.
 */
export interface TokenHolders {
  learn(token: string, account: string): void;
  /** `anonymous` for a token that was not seen. */
  accountOf(authorization: string | undefined): string;
}

const maximum = 1000;

export function openTokenHolders(): TokenHolders {
  const accounts = new Map<string, string>();
  const hash = (token: string) => createHash("sha256").update(token).digest("base64");
  return {
    learn(token, account) {
      accounts.set(hash(token), account);
      const [oldest] = accounts.keys();
      if (accounts.size > maximum && oldest !== undefined) accounts.delete(oldest);
    },
    accountOf(authorization) {
      const [, token] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
      return (token === undefined ? undefined : accounts.get(hash(token))) ?? "anonymous";
    },
  };
}

/** The account that a token was asked for with: Basic credentials, or a form's `username`. */
export function accountOfTokenRequest(
  authorization: string | undefined,
  form: URLSearchParams | undefined,
): string | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  if (encoded !== undefined) return Buffer.from(encoded, "base64").toString("utf8").split(":")[0];
  return form?.get("username") ?? undefined;
}
