import type { IncomingMessage } from "node:http";
import type { Authorizer, Principal } from "../../aws-api/service.ts";
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

/** Access to the registry `ACCOUNT.dkr.ecr.REGION.amazonaws.com`; `registryId` is the host's, for its sentences. */
export function ecrRegistryAccess(
  parts: EcrAccessParts,
  { region, registryId }: { region: string; registryId: string },
): RegistryAccess<EcrSession> {
  return {
    challenge: ({ headers }) => `Basic realm="https://${headers.host ?? ""}/",service="ecr.amazonaws.com"`,
    authenticate: (request) => authenticate(parts, request),
    authorize(session, action, repositoryName) {
      if (action === "deleteManifest" || action === "deleteBlob") {
        throw new RegistryError("UNSUPPORTED", { message: "ECR deletes images by BatchDeleteImage only" });
      }
      if (session.kind === "link") return;
      const { principal, host } = session;
      const operation = iamActions[action];
      const { account } = parts;
      const resource = repositoryArn({ account: registryId, region }, repositoryName);
      const denial = parts.authorizer.authorize(
        { service: "ecr", operation, requestId: parts.newRequestId(), region, account, principal, host },
        [{ action: `ecr:${operation}`, resource }],
      );
      if (denial !== undefined) throw new RegistryError("DENIED", { message: denial.message });
      if (registryId !== account) {
        throw new RegistryError("NAME_UNKNOWN", { message: repositoryMissing({ repositoryName, registryId }) });
      }
    },
  };
}

function authenticate(parts: EcrAccessParts, request: IncomingMessage): EcrSession | undefined {
  const { path, query } = parseRequestTarget(request.url ?? "/");
  const link = query.get("link");
  if (link !== null && request.method === "GET" && parts.tokens.isValidLink(link, path)) return { kind: "link" };
  const password = findPassword(request.headers.authorization);
  const token = password === undefined ? undefined : parts.tokens.open(password);
  if (token === undefined) return undefined;
  if (token.isExpired || !parts.isLive(token.principal)) {
    throw new RegistryError("DENIED", {
      message: "Your authorization token has expired. Reauthenticate and try again.",
    });
  }
  return { kind: "login", principal: token.principal, host: request.headers.host ?? "" };
}

/** The password of `Basic AWS:PASSWORD`. */
function findPassword(authorization: string | undefined): string | undefined {
  const match = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? "");
  if (match === null) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(match[1] as string, "base64").toString("utf8")) ?? [];
  return user === "AWS" ? password : undefined;
}
