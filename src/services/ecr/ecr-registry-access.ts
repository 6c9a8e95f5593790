import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import type { Authorizer, Denial, Principal } from "../../aws-api/service.ts";
import type { RegistryAccess, RegistryAction } from "../../registry/registry-access.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import { parseRequestTarget } from "../../registry/registry-route.ts";
import type { AuthorizationTokens } from "./authorization-token.ts";
import { repositoryMissing } from "./ecr-errors.ts";
import { repositoryArn } from "./repository.ts";

export interface EcrAccessParts {
  tokens: AuthorizationTokens;
  authorizer: Authorizer;
  /** False for a role session that has ended: its token dies with it. */
  isLive(principal: Principal): boolean;
  newRequestId(): string;
  account: string;
  now(): Date;
}

/** A login, or a link of GetDownloadUrlForLayer, which has been authorised when it was made. */
export type EcrSession = { kind: "login"; principal: Principal; host: string } | { kind: "link" };

/** IAM actions behind the registry's verbs. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
const iamActions: Record<Exclude<RegistryAction, "deleteManifest" | "deleteBlob">, string> = {
  pullManifest: "BatchGetImage",
  pushManifest: "PutImage",
  pullBlob: "GetDownloadUrlForLayer",
  blobExists: "BatchCheckLayerAvailability",
  startUpload: "InitiateLayerUpload",
  uploadChunk: "UploadLayerPart",
  finishUpload: "CompleteLayerUpload",
  listTags: "ListImages",
  listReferrers: "ListImageReferrers",
};

export interface RegistryPlace {
  region: string;
  /** The host's. */
  registryId: string;
}

/** Why a login may not do this in a repository; undefined where it may. */
export function findDenial(
  parts: EcrAccessParts,
  { region, registryId }: RegistryPlace,
  { principal, host }: Extract<EcrSession, { kind: "login" }>,
  { operation, repositoryName }: { operation: string; repositoryName: string },
): Denial | undefined {
  const { account } = parts;
  const resource = repositoryArn({ account: registryId, region }, repositoryName);
  return parts.authorizer.authorize(
    { service: "ecr", operation, requestId: parts.newRequestId(), region, account, principal, host },
    [{ action: `ecr:${operation}`, resource }],
  );
}

/** Access to the registry `ACCOUNT.dkr.ecr.REGION.amazonaws.com`; `registryId` is the host's, for its sentences. */
export function ecrRegistryAccess(parts: EcrAccessParts, place: RegistryPlace): RegistryAccess<EcrSession> {
  const findToken = createTokenReader(parts.tokens);
  return {
    challenge: ({ headers }) => `Basic realm="https://${headers.host ?? ""}/",service="ecr.amazonaws.com"`,
    authenticate: (request) => authenticate(parts, findToken, request),
    authorize(session, action, repositoryName) {
      if (action === "deleteManifest" || action === "deleteBlob") {
        throw new RegistryError("UNSUPPORTED", { message: "ECR deletes images by BatchDeleteImage only" });
      }
      if (session.kind === "link") return;
      const denial = findDenial(parts, place, session, { operation: iamActions[action], repositoryName });
      if (denial !== undefined) throw new RegistryError("DENIED", { message: denial.message });
      const { registryId } = place;
      if (registryId !== parts.account) {
        throw new RegistryError("NAME_UNKNOWN", { message: repositoryMissing({ repositoryName, registryId }) });
      }
    },
  };
}

type Token = NonNullable<ReturnType<AuthorizationTokens["open"]>>;

function authenticate(
  parts: EcrAccessParts,
  findToken: (authorization: string) => Token | undefined,
  request: IncomingMessage,
): EcrSession | undefined {
  if (isLinked(parts, request)) return { kind: "link" };
  const { authorization } = request.headers;
  const token = authorization === undefined ? undefined : findToken(authorization);
  if (token === undefined) return undefined;
  if (token.expiresAt <= parts.now().getTime() || !parts.isLive(token.principal)) {
    throw new RegistryError("DENIED", {
      message: "Your authorization token has expired. Reauthenticate and try again.",
    });
  }
  return { kind: "login", principal: token.principal, host: request.headers.host ?? "" };
}

function isLinked({ tokens }: EcrAccessParts, { method, url = "/" }: IncomingMessage): boolean {
  if (method !== "GET" || !url.includes("link=")) return false;
  const { path, query } = parseRequestTarget(url);
  const link = query.get("link");
  return link !== null && tokens.isValidLink(link, path);
}

/** Unsealing takes longer than all else of a pull: what a header stands for never changes, only whether it still counts. */
function createTokenReader(tokens: AuthorizationTokens): (authorization: string) => Token | undefined {
  const known = new LRUCache<string, Token>({ max: 1000 });
  return (authorization) => {
    const token = known.get(authorization);
    if (token !== undefined) return token;
    const password = findPassword(authorization);
    const opened = password === undefined ? undefined : tokens.open(password);
    if (opened !== undefined) known.set(authorization, opened);
    return opened;
  };
}

/** The password of `Basic AWS:PASSWORD`. */
function findPassword(authorization: string): string | undefined {
  const match = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization);
  if (match === null) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(match[1] as string, "base64").toString("utf8")) ?? [];
  return user === "AWS" ? password : undefined;
}
