import type * as Sdk from "@aws-sdk/client-iam";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import {
  type AwsManagedPolicy,
  findAwsManagedPolicy,
  isAwsManaged,
  listAwsManagedPolicies,
} from "./aws-managed-policies.ts";
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity, validationError } from "./iam-error.ts";
import { addTags, checkName, checkPath, listTags, requireValue } from "./iam-input.ts";
import type { PolicyRecord } from "./iam-store.ts";
import { type IamDeps, onPolicy, onResource } from "./operation-row.ts";
import { pageOf } from "./page.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { encodeDocument } from "./role.ts";

/** Characters that count, without whitespace. */
const maxPolicySize = 6144;

type AnyPolicy = PolicyRecord | AwsManagedPolicy;

/** Managed policies. Each has one version, v1: CreatePolicyVersion is not here. */
export function managedPolicyOperations(deps: IamDeps) {
  return {
    CreatePolicy: onResource(
      ({ PolicyName: name = "", Path: path = "/" }: Sdk.CreatePolicyRequest, { account }) =>
        `arn:aws:iam::${account}:policy${path}${name}`,
      (input, context) => createPolicy(deps, input, context),
    ),
    GetPolicy: onPolicy((input) => ({ Policy: describePolicy(deps, getPolicy(deps, input.PolicyArn)) })),
    GetPolicyVersion: onPolicy((input) => {
      const policy = getPolicy(deps, input.PolicyArn);
      const { VersionId: version = "" } = input;
      if (!/^v[1-9]\d*(\.[A-Za-z0-9-]*)?$/.test(version))
        throw validationError(`Value '${version}' at 'versionId' is no version.`);
      if (version === "v1") return { PolicyVersion: describeVersion(policy, { withDocument: true }) };
      throw noSuchEntity(`Policy ${policy.arn} version ${version} does not exist or is not attachable.`);
    }),
    ListPolicyVersions: onPolicy((input) => ({
      Versions: [describeVersion(getPolicy(deps, input.PolicyArn), { withDocument: false })],
      IsTruncated: false,
    })),
    ListPolicies: onResource(
      () => "*",
      (input: Sdk.ListPoliciesRequest) => listPolicies(deps, input),
    ),
    DeletePolicy: onPolicy((input) => {
      const policy = getPolicy(deps, input.PolicyArn);
      if (isAwsManaged(policy.arn)) throw validationError(`ARN ${policy.arn} is not valid.`);
      const { attached, boundaries } = countUses(deps, policy.arn);
      if (attached + boundaries > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
      deps.iam.policies.delete(policy.arn);
      return {};
    }),
  } satisfies Operations<typeof Sdk>;
}

function createPolicy(
  deps: IamDeps,
  input: Sdk.CreatePolicyRequest,
  { account }: CallContext,
): Sdk.CreatePolicyResponse {
  const policyName = checkName(input.PolicyName, "policyName", 128);
  const path = checkPath(input.Path);
  const document = requireValue(input.PolicyDocument, "policyDocument");
  parsePolicyDocument(document, "identity");
  if (document.replace(/\s/g, "").length > maxPolicySize) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${maxPolicySize}`);
  }
  const isTaken = deps.iam.policies
    .list()
    .some((policy) => policy.policyName.toLowerCase() === policyName.toLowerCase());
  if (isTaken) {
    throw alreadyExists(`A policy called ${policyName} already exists. Duplicate names are not allowed.`);
  }
  const now = deps.now().toISOString();
  const policy: PolicyRecord = {
    policyName,
    path,
    policyId: deps.createId("ANPA"),
    arn: `arn:aws:iam::${account}:policy${path}${policyName}`,
    createDate: now,
    updateDate: now,
    ...(input.Description !== undefined && { description: input.Description }),
    document,
    tags: addTags({}, input.Tags),
  };
  deps.iam.policies.put(policy.arn, policy);
  return { Policy: describePolicy(deps, policy) };
}

function getPolicy({ iam }: IamDeps, policyArn: string | undefined): AnyPolicy {
  const arn = requireValue(policyArn, "policyArn");
  if (!arn.startsWith("arn:")) throw validationError(`ARN ${arn} is not valid.`);
  const policy = iam.policies.get(arn) ?? findAwsManagedPolicy(arn);
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
  return policy;
}

function listPolicies(deps: IamDeps, input: Sdk.ListPoliciesRequest): Sdk.ListPoliciesResponse {
  const { Scope: scope = "All", PathPrefix: path = "/", OnlyAttached: onlyAttached = false } = input;
  const policies: AnyPolicy[] = [
    ...(scope === "Local" ? [] : listAwsManagedPolicies()),
    ...(scope === "AWS" ? [] : deps.iam.policies.list()),
  ];
  const uses = new Map(policies.map(({ arn }) => [arn, countUses(deps, arn)]));
  const wanted = policies.filter(({ arn, path: own }) => {
    const { attached, boundaries } = uses.get(arn) ?? { attached: 0, boundaries: 0 };
    const used = input.PolicyUsageFilter === "PermissionsBoundary" ? boundaries : attached;
    return own.startsWith(path) && (used > 0 || (!onlyAttached && input.PolicyUsageFilter === undefined));
  });
  const { items, ...page } = pageOf(wanted, (policy) => policy.arn, input);
  // Lists have neither description nor tags.
  const describe = (policy: AnyPolicy): Sdk.Policy => {
    const { Description: _, Tags: __, ...listed } = describePolicy(deps, policy);
    return listed;
  };
  return { Policies: items.map(describe), ...page };
}

function countUses({ iam }: IamDeps, arn: string): { attached: number; boundaries: number } {
  const roles = iam.roles.list();
  return {
    attached: roles.filter((role) => role.attachedPolicies.includes(arn)).length,
    boundaries: roles.filter((role) => role.permissionsBoundary === arn).length,
  };
}

/** AWS's own policies stand here without the ID and dates that only an account can tell. */
function describePolicy(deps: IamDeps, policy: AnyPolicy): Sdk.Policy {
  const { attached, boundaries } = countUses(deps, policy.arn);
  return {
    PolicyName: policy.policyName,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: "v1",
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    ...("policyId" in policy && {
      PolicyId: policy.policyId,
      ...(policy.description !== undefined && { Description: policy.description }),
      CreateDate: new Date(policy.createDate),
      UpdateDate: new Date(policy.updateDate),
      ...(Object.keys(policy.tags).length > 0 && { Tags: listTags(policy.tags) }),
    }),
  };
}

function describeVersion(policy: AnyPolicy, { withDocument }: { withDocument: boolean }): Sdk.PolicyVersion {
  return {
    VersionId: "v1",
    IsDefaultVersion: true,
    ...(withDocument && { Document: encodeDocument(policy.document) }),
    ...("createDate" in policy && { CreateDate: new Date(policy.createDate) }),
  };
}
