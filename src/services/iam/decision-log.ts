import type { PolicyDocument } from "./policy-document.ts";
import { coversAction } from "./policy-evaluation.ts";
import { widenVariables } from "./policy-variables.ts";
import { matchesResource } from "./wildcard.ts";

/** One answer of the authorizer about a role's session. The root's calls are not here: nothing is decided for it. */
export interface Decision {
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
  /** Each once, however often it was made; in the order of their first time. */
  list(): readonly Decision[];
}

/** Keeps `limit` different decisions of this process, the newest ones: a registry decides the same thing at each pull. */
export function createDecisionLog({ limit = 100_000 }: { limit?: number } = {}): DecisionLog {
  const decisions = new Map<string, Decision>();
  return {
    record(decision) {
      const { roleName, principalArn, action, resource, reason } = decision;
      const key = `${roleName} ${principalArn} ${action} ${resource} ${reason}`;
      if (decisions.has(key)) return;
      decisions.set(key, decision);
      const [oldest] = decisions.size > limit ? decisions.keys() : [];
      if (oldest !== undefined) decisions.delete(oldest);
    },
    list: () => [...decisions.values()],
  };
}

export interface DeniedAction {
  action: string;
  resource: string;
  principal: string;
}

/** What was refused, each once, in order of its first refusal. */
export function deniedActions(log: Pick<DecisionLog, "list">): DeniedAction[] {
  const denied = log.list().filter(({ allowed }) => !allowed);
  const actions = denied.map(({ action, resource, principalArn: principal }) => ({ action, resource, principal }));
  // The same may have been refused for two reasons, one after the other.
  return [...new Map(actions.map((entry) => [Object.values(entry).join(" "), entry])).values()];
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
