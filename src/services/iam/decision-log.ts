import type { PolicyDocument } from "./policy-document.ts";
import { coversAction } from "./policy-evaluation.ts";
import { widenVariables } from "./policy-variables.ts";
import { matchesResource } from "./wildcard.ts";

/** One answer of the authorizer about a role's session. The root's calls are not here: nothing is decided for it. */
export interface Decision {
  time: Date;
  roleName: string;
  principalArn: string;
  action: string;
  resource: string;
  allowed: boolean;
  /** `boundary` is an implicit deny by the role's permissions boundary. */
  reason: "allowed" | "explicitDeny" | "implicitDeny" | "boundary";
}

export interface DecisionLog {
  record(decision: Decision): void;
  /** Oldest first. */
  list(): readonly Decision[];
}

/** Keeps the newest `limit` decisions of this process. */
export function createDecisionLog({ limit = 100_000 }: { limit?: number } = {}): DecisionLog {
  let decisions: Decision[] = [];
  return {
    record(decision) {
      decisions.push(decision);
      // Cut in large steps: a shift for each decision would copy the whole list.
      if (decisions.length >= limit * 2) decisions = decisions.slice(-limit);
    },
    list: () => decisions.slice(-limit),
  };
}

export interface DeniedAction {
  action: string;
  resource: string;
  principal: string;
}

/** What was refused, each once, in order of its first refusal. */
export function deniedActions(log: Pick<DecisionLog, "list">): DeniedAction[] {
  const denied = new Map<string, DeniedAction>();
  for (const { allowed, action, resource, principalArn } of log.list()) {
    const key = `${action} ${resource} ${principalArn}`;
    if (!allowed && !denied.has(key)) denied.set(key, { action, resource, principal: principalArn });
  }
  return [...denied.values()];
}

export interface GrantedPermission {
  action: string;
  resource: string;
}

/**
 * What the policies allow and the role never used: each Action × Resource of the Allow statements, as written, that no
 * allowed decision matches. NotAction and NotResource list nothing that could be named, so they are left out.
 */
export function unusedPermissions(
  roleName: string,
  policies: readonly PolicyDocument[],
  log: Pick<DecisionLog, "list">,
): GrantedPermission[] {
  const used = log.list().filter((decision) => decision.allowed && decision.roleName === roleName);
  const isUsed = ({ action, resource }: GrantedPermission) =>
    used.some(
      (decision) =>
        coversAction({ actions: [action] }, decision.action) &&
        matchesResource(widenVariables(resource), decision.resource),
    );
  const unused = policies.flatMap(grantedPermissions).filter((permission) => !isUsed(permission));
  return [...new Map(unused.map((permission) => [`${permission.action} ${permission.resource}`, permission])).values()];
}

function grantedPermissions(policy: PolicyDocument): GrantedPermission[] {
  return policy.statements
    .filter((statement) => statement.effect === "Allow")
    .flatMap(({ actions = [], resources = [] }) =>
      actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
    );
}
