import { createHash } from "node:crypto";

/**
 * Whose a token is, learnt by watching the token service's answers. Only hashes are kept, in memory; they are
 * forgotten when the token has expired, and the oldest where there are too many.
 */
export interface TokenHolders {
  /** `expires` in milliseconds since 1970. */
  learn(token: string, account: string, expires: number): void;
  find(token: string): string | undefined;
  /** `anonymous` where the token's issue was not seen. */
  accountOf(authorization: string | undefined): string;
}

const maximum = 1000;

export function openTokenHolders(now: () => number): TokenHolders {
  const accounts = new Map<string, { account: string; expires: number }>();
  const hash = (token: string) => createHash("sha256").update(token).digest("base64");

  function find(token: string): string | undefined {
    const key = hash(token);
    const known = accounts.get(key);
    if (known !== undefined && known.expires < now()) accounts.delete(key);
    return known !== undefined && known.expires >= now() ? known.account : undefined;
  }

  return {
    learn(token, account, expires) {
      accounts.set(hash(token), { account, expires });
      const [oldest] = accounts.keys();
      if (accounts.size > maximum && oldest !== undefined) accounts.delete(oldest);
    },
    find,
    accountOf(authorization) {
      const [, token] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
      return (token === undefined ? undefined : find(token)) ?? "anonymous";
    },
  };
}
