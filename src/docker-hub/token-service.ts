import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { accountId, type DockerHubAccount } from "./account-tier.ts";

export interface TokenRequest {
  service: string;
  /** As in the query: `repository:library/httpd:pull`. */
  scopes: readonly string[];
  credentials?: { user: string; password: string };
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
export interface TokenAnswer {
  token: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
}

/** Who holds a token: an account, or nobody in particular (`undefined`). */
export interface TokenHolder {
  account: DockerHubAccount | undefined;
  /** Repositories that the token lets its holder pull. */
  repositories: readonly string[];
}

export interface TokenService {
  /** Undefined where the credentials are wrong. */
  issue(request: TokenRequest): TokenAnswer | undefined;
  /** Undefined for a token that is not of this service or has expired. */
  findHolder(token: string): TokenHolder | undefined;
}

export interface TokenServiceOptions {
  issuer: string;
  accounts: readonly DockerHubAccount[];
  /** Without it a token carries no access for the repository, and the registry refuses it. */
  mayPull(repository: string): boolean;
  /** The limit as Docker Hub's tokens tell it, in strings; undefined for accounts without one. */
  pullParameters(account: DockerHubAccount | undefined): Record<string, string> | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

interface Claims {
  access: { type: string; name: string; actions: string[]; parameters?: Record<string, string> }[];
  exp: number;
  sub: string;
}

const lifetimeSeconds = 300;

/** A token service whose JWTs carry the claims that Docker Hub's have; signed by a key of its own (ES256). */
export function openTokenService(options: TokenServiceOptions): TokenService {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { accounts, issuer, now } = options;
  return {
    issue({ service, scopes, credentials }) {
      const account = credentials && accounts.find((candidate) => isAccount(candidate, credentials));
      if (credentials !== undefined && account === undefined) return undefined;
      const issued = Math.floor(now() / 1000);
      const claims = {
        access: accessOf(scopes, account, options),
        aud: service,
        exp: issued + lifetimeSeconds,
        iat: issued,
        iss: issuer,
        jti: `dckr_jti_${randomUUID()}`,
        nbf: issued - lifetimeSeconds,
        sub: account === undefined ? "" : accountId(account.user),
      };
      const token = signToken(claims, privateKey);
      const issuedAt = new Date(issued * 1000).toISOString();
      return { token, access_token: token, expires_in: lifetimeSeconds, issued_at: issuedAt };
    },
    findHolder(token) {
      const claims = readToken(token, publicKey);
      if (claims === undefined || claims.exp * 1000 <= now()) return undefined;
      const account = accounts.find(({ user }) => accountId(user) === claims.sub);
      return { account, repositories: claims.access.map(({ name }) => name) };
    },
  };
}

function isAccount(account: DockerHubAccount, given: { user: string; password: string }): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return account.user === given.user && timingSafeEqual(hash(account.password), hash(given.password));
}

/** Only what may be pulled is granted; an absent grant is how a client learns of a repository that is not for it. */
function accessOf(
  scopes: readonly string[],
  account: DockerHubAccount | undefined,
  { mayPull, pullParameters }: TokenServiceOptions,
): Claims["access"] {
  const parameters = pullParameters(account);
  return scopes.flatMap((scope) => {
    const [, name, actions] = /^repository:(.+):([^:]*)$/.exec(scope) ?? [];
    if (name === undefined || !actions?.split(",").includes("pull") || !mayPull(name)) return [];
    return [{ type: "repository", name, actions: ["pull"], ...(parameters === undefined ? {} : { parameters }) }];
  });
}

function signToken(claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "ES256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

function readToken(token: string, key: KeyObject): Claims | undefined {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const text = Buffer.from(`${header}.${claims}`);
  const isOurs = verify("sha256", text, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  return isOurs ? (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as Claims) : undefined;
}
