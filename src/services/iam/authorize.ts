import type { Authorizer, CallContext, Denial, Permission } from "../../aws-api/service.ts";
import type { Decision, DecisionLog } from "./decision-log.ts";
import { createKnownVerdicts } from "./known-verdicts.ts";
import type { PolicyDocument } from "./policy-document.ts";
import { evaluatePolicies } from "./policy-evaluation.ts";
import type { ConditionValues } from "./policy-variables.ts";

/** What decides for a role at this moment. */
export interface RolePolicies {
  roleId: string;
  arn: string;
  identity: PolicyDocument[];
  boundary?: PolicyDocument;
  tags: Record<string, string>;
}

export interface AuthorizerDeps {
  /** Undefined where the role is gone: its sessions then have no rights. */
  findRolePolicies(roleName: string): RolePolicies | undefined;
  /** Another number than before, whenever a role or a policy may have changed. */
  version(): number;
  decisions: DecisionLog;
  now(): Date;
}

/** Decides by the role's policies as they are at the time of the call; the account's root may do everything. */
export function createAuthorizer(deps: AuthorizerDeps): Authorizer {
  const known = createKnownVerdicts<Decision["reason"]>(deps.findRolePolicies, deps.version);
  return {
    authorize(context, permissions) {
      const { roleName } = context.principal;
      if (roleName === undefined) return undefined;
      const policies = findLivePolicies(known.policiesOf(roleName), context.principal.userId);
      let denial: Denial | undefined;
      for (const permission of permissions) {
        const { action, resource, conditionValues } = permission;
        const decideAfresh = () => decide(policies, context, permission, deps.now());
        const reason =
          conditionValues === undefined
            ? known.decide(policies, { context, action, resource }, decideAfresh)
            : decideAfresh();
        const principalArn = context.principal.arn;
        const allowed = reason === "allowed";
        deps.decisions.record({ roleName, principalArn, action, resource, allowed, reason });
        if (!allowed) denial ??= { message: denialMessage(principalArn, permission, reason) };
      }
      return denial;
    },
  };
}

/** A session belongs to the role it was made from, not to a later role of the same name. */
function findLivePolicies(policies: RolePolicies | undefined, userId: string): RolePolicies | undefined {
  return policies !== undefined && userId.split(":")[0] === policies.roleId ? policies : undefined;
}

function decide(
  policies: RolePolicies | undefined,
  context: CallContext,
  { action, resource, conditionValues: own }: Permission,
  now: Date,
): Decision["reason"] {
  if (policies === undefined) return "implicitDeny";
  const conditionValues = { ...globalConditionValues(context, resource, policies, now), ...own };
  const request = { action, resource, conditionValues };
  const byIdentity = evaluatePolicies(policies.identity, request);
  if (policies.boundary === undefined || byIdentity === "explicitDeny") return byIdentity;
  const byBoundary = evaluatePolicies([policies.boundary], request);
  if (byBoundary === "explicitDeny") return byBoundary;
  return byIdentity === "allowed" && byBoundary === "implicitDeny" ? "boundary" : byIdentity;
}

/**
 * Keys that every call has. aws:SourceIp and aws:SecureTransport are left out: a caller's address and scheme on one
 * machine say nothing about those on AWS. aws:username exists for users only.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
function globalConditionValues(
  { principal, region }: CallContext,
  resource: string,
  role: RolePolicies,
  now: Date,
): ConditionValues {
  const resourceAccount = resource.split(":")[4];
  return {
    "aws:principalarn": role.arn,
    "aws:principalaccount": principal.account,
    "aws:principaltype": "AssumedRole",
    "aws:userid": principal.userId,
    "aws:requestedregion": region,
    "aws:resourceaccount": resourceAccount || principal.account,
    "aws:currenttime": now.toISOString(),
    "aws:epochtime": String(Math.floor(now.getTime() / 1000)),
    "aws:viaawsservice": "false",
    ...Object.fromEntries(
      Object.entries(role.tags).map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value]),
    ),
  };
}

/** AWS's sentence; S3 alone puts the ARN into quotation marks. */
function denialMessage(principalArn: string, { action, resource }: Permission, reason: Decision["reason"]): string {
  const shown = action.startsWith("s3:") ? `"${resource}"` : resource;
  const because = {
    explicitDeny: "with an explicit deny in an identity-based policy",
    boundary: `because no permissions boundary allows the ${action} action`,
    implicitDeny: `because no identity-based policy allows the ${action} action`,
    allowed: "",
  };
  return `User: ${principalArn} is not authorized to perform: ${action} on resource: ${shown} ${because[reason]}`;
}
