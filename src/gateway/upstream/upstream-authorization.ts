import type { Identity } from "../identities/identity.ts";
import { type AuthChallenge, parseAuthChallenges } from "./auth-challenge.ts";
import { formatBasic, getCredentials } from "./fetch-token.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamTokens } from "./upstream-tokens.ts";

export interface Authorization {
  /** Of the `Authorization` header; undefined where none is to be sent. */
  header: string | undefined;
  /** Asking again for one would give the same. */
  isFresh: boolean;
}

/** What to send as `Authorization`: learnt from the upstream's first challenge, and known before its later ones. */
export interface UpstreamAuthorization {
  prepare(identity: Identity, repository: string): Promise<Authorization>;
  /** After a 401. Undefined where nothing better can be sent than what was. */
  renew(
    identity: Identity,
    repository: string,
    used: Authorization,
    challenge: string | string[] | undefined,
  ): Promise<Authorization | undefined>;
}

interface BearerScheme {
  kind: "bearer";
  realm: URL;
  service: string | undefined;
  scopeFor(repository: string): string;
}

export interface UpstreamAuthorizationOptions {
  name: string;
  tokens: UpstreamTokens;
  /** Whether a host is the upstream's own, at the address that the owner gave. */
  isMapped(host: string): boolean;
}

export function createUpstreamAuthorization(options: UpstreamAuthorizationOptions): UpstreamAuthorization {
  const { name, tokens } = options;
  let scheme: BearerScheme | { kind: "basic" } | undefined;

  async function authorize(identity: Identity, repository: string): Promise<Authorization> {
    if (scheme === undefined) return { header: undefined, isFresh: false };
    if (scheme.kind === "basic") {
      const credentials = await getCredentials(name, identity);
      const isPassword = credentials !== undefined && !credentials.isRefreshToken;
      return { header: isPassword ? formatBasic(credentials) : undefined, isFresh: true };
    }
    const { realm, service } = scheme;
    const token = await tokens.get(identity, { realm, service, scope: scheme.scopeFor(repository) }, repository);
    return { header: `Bearer ${token.value}`, isFresh: token.isFresh };
  }

  return {
    prepare: authorize,
    async renew(identity, repository, used, header) {
      const before = sourceKey(scheme, repository);
      scheme = readScheme(options, repository, header);
      const isSame = before === sourceKey(scheme, repository);
      if (isSame && used.isFresh) return undefined;
      // Another asker may have done so meanwhile.
      if (used.header?.startsWith("Bearer ")) tokens.drop(used.header.slice("Bearer ".length));
      const renewed = await authorize(identity, repository);
      return renewed.header === undefined ? undefined : renewed;
    },
  };
}

function sourceKey(scheme: BearerScheme | { kind: "basic" } | undefined, repository: string): string {
  if (scheme?.kind !== "bearer") return scheme?.kind ?? "";
  return JSON.stringify([scheme.realm, scheme.service, scheme.scopeFor(repository)]);
}

function readScheme(
  options: UpstreamAuthorizationOptions,
  repository: string,
  header: string | string[] | undefined,
): BearerScheme | { kind: "basic" } {
  const challenges = parseAuthChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer !== undefined) return readBearer(options, repository, bearer);
  if (challenges.some(({ scheme }) => scheme === "basic")) return { kind: "basic" };
  const asked = challenges.map(({ scheme }) => scheme).join(", ") || "nothing";
  throw new UpstreamFailure("faulty", `${options.name} asks for authentication by ${asked}`, { status: 401 });
}

function readBearer(
  { name, isMapped }: UpstreamAuthorizationOptions,
  repository: string,
  { parameters }: AuthChallenge,
): BearerScheme {
  const realm = URL.parse(parameters.realm ?? "");
  if (realm === null) throw new UpstreamFailure("faulty", `${name} names no token service`, { status: 401 });
  const isClearAllowed = isMapped(realm.host) || /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(realm.hostname);
  if (realm.protocol !== "https:" && !(realm.protocol === "http:" && isClearAllowed)) {
    throw new UpstreamFailure("faulty", `the token service of ${name} at ${realm.host} is not https`, { status: 401 });
  }
  realm.username = "";
  realm.password = "";
  const asked = (parameters.scope ?? "").split(" ");
  return {
    kind: "bearer",
    realm,
    service: parameters.service,
    scopeFor: (other) => scopeFor(asked, repository, other),
  };
}

/** A scope that names the asked repository is for it alone; any other one, such as ECR Public's `aws`, is for all. */
function scopeFor(asked: readonly string[], repository: string, other: string): string {
  if (asked.join("") === "") return `repository:${other}:pull`;
  const prefix = `repository:${repository}:`;
  return asked
    .map((scope) => (scope.startsWith(prefix) ? `repository:${other}:${scope.slice(prefix.length)}` : scope))
    .join(" ");
}
