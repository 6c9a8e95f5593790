import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import type { DockerHubAccount } from "./account-tier.ts";

/** Who holds a token: an account, or nobody in particular (`undefined`). */
export interface TokenHolder {
  account: DockerHubAccount | undefined;
  scopes: string[];
}

export interface TokenService {
  /** Undefined where the credentials are wrong. */
  issue(request: {
    service: string;
    scopes: string[];
    user?: string;
    password?: string;
    now: number;
  }): object | undefined;
  /** Undefined for a token that is not ours, or has expired. */
  holderOf(token: string, now: number): TokenHolder | undefined;
}

export interface TokenServiceOptions {
  issuer: string;
  accounts: readonly DockerHubAccount[];
  /** Claims of a pull's scope, as Docker Hub writes them: strings. Absent for accounts without a limit. */
  pullClaims(account: DockerHubAccount | undefined): { pull_limit: string; pull_limit_interval: string } | undefined;
}

const lifetime = 300;

/**
 * Docker Hub's token service. https://distribution.github.io/distribution/spec/auth/token/
 * Tokens are JWTs with the claims that Docker Hub's have; the limits stand in them as strings.
 */
export function openTokenService({ issuer, accounts, pullClaims }: TokenServiceOptions): TokenService {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const holders = new Map<string, TokenHolder & { expires: number }>();
  return {
    issue({ service, scopes, user, password, now }) {
      const account =
        user === undefined ? undefined : accounts.find((candidate) => isSame(candidate, user, password ?? ""));
      if (user !== undefined && account === undefined) return undefined;
      const seconds = Math.floor(now / 1000);
      const claims = {
        access: scopes.map((scope) => accessOf(scope, pullClaims(account))),
        aud: service,
        exp: seconds + lifetime,
        iat: seconds,
        iss: issuer,
        jti: `dckr_jti_${randomUUID()}`,
        nbf: seconds - lifetime,
        sub: account === undefined ? "" : accountId(account),
      };
      const token = signToken(claims, privateKey);
      holders.set(token, { account, scopes, expires: now + lifetime * 1000 });
      return { token, access_token: token, expires_in: lifetime, issued_at: new Date(now).toISOString() };
    },
    holderOf(token, now) {
      const holder = holders.get(token);
      return holder === undefined || holder.expires < now ? undefined : holder;
    },
  };
}

function isSame(account: DockerHubAccount, user: string, password: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  return account.user === user && hash(account.password) === hash(password);
}

/** Stable and no word of the account's: Docker Hub shows a UUID. */
function accountId({ user }: DockerHubAccount): string {
  return createHmac("sha256", "account").update(user).digest("hex").slice(0, 32);
}

function accessOf(scope: string, parameters: object | undefined) {
  const [type = "", name = "", actions = ""] = scope.split(":");
  return { type, name, actions: actions.split(","), ...(parameters === undefined ? {} : { parameters }) };
}

function signToken(claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "ES256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
