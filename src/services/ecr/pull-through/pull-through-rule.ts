import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { invalidParameter } from "../ecr-errors.ts";

/** A rule as it is stored, by its prefix. */
export interface PullThroughRule {
  /** Without a slash at its end; `ROOT` for all repositories that no other rule is for. */
  prefix: string;
  upstreamRegistryUrl: string;
  upstreamRegistry: Sdk.UpstreamRegistry;
  credentialArn?: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
}

interface UpstreamKind {
  name: Sdk.UpstreamRegistry;
  url: RegExp;
  needsCredentials: boolean;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html; another ECR registry is none of these. */
const upstreamKinds: readonly UpstreamKind[] = [
  { name: "docker-hub", url: /^registry-1\.docker\.io$/, needsCredentials: true },
  { name: "ecr-public", url: /^public\.ecr\.aws$/, needsCredentials: false },
  { name: "quay", url: /^quay\.io$/, needsCredentials: false },
  { name: "k8s", url: /^registry\.k8s\.io$/, needsCredentials: false },
  { name: "github-container-registry", url: /^ghcr\.io$/, needsCredentials: true },
  { name: "gitlab-container-registry", url: /^registry\.gitlab\.com$/, needsCredentials: true },
  { name: "azure-container-registry", url: /^[a-z0-9]+\.azurecr\.io$/, needsCredentials: true },
];

const prefixShape = "((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT)";
const secretShape = "arn:aws:secretsmanager:[a-zA-Z0-9-:]+:secret:ecr\\-pullthroughcache\\/[a-zA-Z0-9\\/_+=.@-]+";

/** Throws AwsError for what ECR would refuse without looking at anything else. */
export function parseRule(input: Sdk.CreatePullThroughCacheRuleCommandInput, now: Date): PullThroughRule {
  const { ecrRepositoryPrefix: prefix = "", upstreamRegistryUrl: url = "", credentialArn } = input;
  checkMember("ecrRepositoryPrefix", prefix, prefixShape, { least: 2, most: 30 });
  if (input.customRoleArn !== undefined || input.upstreamRepositoryPrefix !== undefined) {
    throw invalidParameter(
      "chubo pulls through from no other ECR registry: customRoleArn and upstreamRepositoryPrefix",
    );
  }
  const host = url.replace(/^https:\/\//, "");
  const kind = upstreamKinds.find((one) => one.url.test(host));
  if (kind === undefined || (input.upstreamRegistry !== undefined && input.upstreamRegistry !== kind.name)) {
    throw new AwsError("UnsupportedUpstreamRegistryException", "The specified upstream registry isn't supported.");
  }
  if (kind.needsCredentials && credentialArn === undefined) {
    const message = "The specified upstream registry requires authentication. Specify a valid Secrets Manager ARN.";
    throw new AwsError("UnsupportedUpstreamRegistryException", message);
  }
  if (credentialArn !== undefined) checkCredentialArn(credentialArn);
  const time = now.getTime();
  return {
    prefix: prefix.replace(/\/$/, ""),
    upstreamRegistryUrl: host,
    upstreamRegistry: kind.name,
    ...(credentialArn !== undefined && { credentialArn }),
    createdAt: time,
    updatedAt: time,
  };
}

export function checkCredentialArn(arn: string): void {
  checkMember("credentialArn", arn, secretShape, { least: 50, most: 612 });
}

function checkMember(
  name: string,
  value: string,
  shape: string,
  { least, most }: { least: number; most: number },
): void {
  const constraint =
    value.length < least
      ? `Member must have length greater than or equal to ${least}`
      : value.length > most
        ? `Member must have length less than or equal to ${most}`
        : new RegExp(`^${shape}$`).test(value)
          ? undefined
          : `must satisfy regular expression '^${shape}$'`;
  if (constraint === undefined) return;
  throw invalidParameter(`Invalid parameter at '${name}' failed to satisfy constraint: '${constraint}'`);
}

/** The rule that a repository's name is for, the longest prefix first, and the name at the upstream. */
export function findRule(
  rules: readonly PullThroughRule[],
  repository: string,
): { rule: PullThroughRule; upstreamRepository: string } | undefined {
  const named = rules
    .filter(({ prefix }) => repository.startsWith(`${prefix}/`))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
  if (named !== undefined) return { rule: named, upstreamRepository: repository.slice(named.prefix.length + 1) };
  const root = rules.find(({ prefix }) => prefix === "ROOT");
  return root && { rule: root, upstreamRepository: repository };
}

/** The registry as references name it. */
export function registryOf({ upstreamRegistry, upstreamRegistryUrl }: PullThroughRule): string {
  return upstreamRegistry === "docker-hub" ? "docker.io" : upstreamRegistryUrl;
}
