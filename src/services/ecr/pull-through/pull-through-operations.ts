import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { RegistryError } from "../../../registry/registry-error.ts";
import type { EcrRegion } from "../ecr-store.ts";
import type { EcrOperations, EcrRoom } from "../operations.ts";
import { onAnything } from "../repository-permission.ts";
import { pageOf } from "../result-page.ts";
import { checkCredentialArn, type PullThroughRule, parseRule, registryOf } from "./pull-through-rule.ts";
import type { UpstreamRegistries } from "./upstream-registry.ts";

/** Rules that keep another registry's images below a prefix. Sentences that name no source are remembered. */
export function pullThroughOperations({ account, regionOf, now, upstreams }: EcrRoom): EcrOperations {
  return {
    CreatePullThroughCacheRule: {
      permissions: onAnything,
      async run(input, { region }) {
        const { pullThroughRules } = regionOf(region);
        const rule = parseRule(input, now());
        await checkSecret(upstreams, rule.credentialArn);
        if (pullThroughRules.get(rule.prefix) !== undefined) throw ruleExists(rule.prefix, account);
        pullThroughRules.put(rule.prefix, rule);
        return { ...describeNames(rule, account), createdAt: new Date(rule.createdAt) };
      },
    },
    UpdatePullThroughCacheRule: {
      permissions: onAnything,
      async run({ ecrRepositoryPrefix, credentialArn, customRoleArn, registryId = account }, { region }) {
        const { pullThroughRules } = regionOf(region);
        const rule = getRule(regionOf(region), ecrRepositoryPrefix, { registryId, account });
        const changed = parseRule({ ...toInput(rule), credentialArn, customRoleArn }, now());
        await checkSecret(upstreams, credentialArn);
        pullThroughRules.put(rule.prefix, { ...changed, createdAt: rule.createdAt });
        return { ...describeNames(changed, account), updatedAt: new Date(changed.updatedAt) };
      },
    },
    DescribePullThroughCacheRules: {
      permissions: onAnything,
      run({ registryId = account, ecrRepositoryPrefixes, ...paging }, { region }) {
        const { pullThroughRules } = regionOf(region);
        const all = registryId === account ? pullThroughRules.list() : [];
        const rules =
          ecrRepositoryPrefixes?.map((prefix) => getRule(regionOf(region), prefix, { registryId, account })) ?? all;
        const { page, nextToken } = pageOf(rules, ({ prefix }) => prefix, paging);
        return {
          pullThroughCacheRules: page.map((rule) => describeRule(rule, account)),
          ...(nextToken !== undefined && { nextToken }),
        };
      },
    },
    DeletePullThroughCacheRule: {
      permissions: onAnything,
      run({ ecrRepositoryPrefix, registryId = account }, { region }) {
        const rule = getRule(regionOf(region), ecrRepositoryPrefix, { registryId, account });
        regionOf(region).pullThroughRules.delete(rule.prefix);
        return { ...describeNames(rule, account), createdAt: new Date(rule.createdAt) };
      },
    },
    ValidatePullThroughCacheRule: {
      permissions: onAnything,
      async run({ ecrRepositoryPrefix, registryId = account }, { region }) {
        const rule = getRule(regionOf(region), ecrRepositoryPrefix, { registryId, account });
        const failure = await findFailure(upstreams, rule);
        return {
          ...describeNames(rule, account),
          isValid: failure === undefined,
          ...(failure !== undefined && { failure }),
        };
      },
    },
  };
}

/** An image that Docker Hub has for everybody, so that only the login can be refused. HEAD is not counted. */
const probe = { repository: "library/hello-world", reference: "latest" };

async function findFailure(upstreams: UpstreamRegistries, rule: PullThroughRule): Promise<string | undefined> {
  if (rule.credentialArn === undefined) return undefined;
  if (rule.upstreamRegistry !== "docker-hub") {
    throw new AwsError(
      "ValidationException",
      `chubo validates rules for Docker Hub only, not ${rule.upstreamRegistry}`,
    );
  }
  const place = { registry: registryOf(rule), credentialArn: rule.credentialArn };
  try {
    await upstreams.use(place, ({ headManifest }) => headManifest(probe.repository, probe.reference));
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError && error.code === "DENIED") return error.message;
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

async function checkSecret(upstreams: UpstreamRegistries, arn: string | undefined): Promise<void> {
  if (arn === undefined) return;
  checkCredentialArn(arn);
  try {
    await upstreams.readSecret(arn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message =
      "The ARN of the secret specified in the pull through cache rule was not found. Update the pull through cache rule with a valid secret ARN and try again.";
    throw new AwsError("SecretNotFoundException", message, { cause: error });
  }
}

function getRule(
  { pullThroughRules }: EcrRegion,
  prefix = "",
  { registryId, account }: { registryId: string; account: string },
): PullThroughRule {
  const rule = registryId === account ? pullThroughRules.get(prefix.replace(/\/$/, "")) : undefined;
  if (rule !== undefined) return rule;
  throw new AwsError(
    "PullThroughCacheRuleNotFoundException",
    `The pull through cache rule with prefix '${prefix}' does not exist in the registry with id '${registryId}'`,
  );
}

function ruleExists(prefix: string, account: string): AwsError {
  return new AwsError(
    "PullThroughCacheRuleAlreadyExistsException",
    `A pull through cache rule with prefix '${prefix}' already exists in the registry with id '${account}'`,
  );
}

function describeNames(rule: PullThroughRule, registryId: string) {
  const { prefix: ecrRepositoryPrefix, upstreamRegistryUrl, upstreamRegistry, credentialArn } = rule;
  return {
    ...{ ecrRepositoryPrefix, upstreamRegistryUrl, upstreamRegistry, registryId },
    ...(credentialArn !== undefined && { credentialArn }),
  };
}

function describeRule(rule: PullThroughRule, registryId: string): Sdk.PullThroughCacheRule {
  const times = { createdAt: new Date(rule.createdAt), updatedAt: new Date(rule.updatedAt) };
  return { ...describeNames(rule, registryId), ...times };
}

function toInput({ prefix, upstreamRegistryUrl, upstreamRegistry }: PullThroughRule) {
  return { ecrRepositoryPrefix: prefix, upstreamRegistryUrl, upstreamRegistry };
}
