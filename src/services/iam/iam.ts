import type { Authorizer } from "../../aws-api/service.ts";
import type { Store } from "../../store/store.ts";
import { createAuthorizer } from "./authorize.ts";
import {
  createDecisionLog,
  type DecisionLog,
  type DeniedAction,
  deniedActions,
  type GrantedPermission,
  unusedPermissions,
} from "./decision-log.ts";
import { createIamId, type IamIdSource } from "./iam-id.ts";
import { openIamStore } from "./iam-store.ts";
import { iamOperations } from "./operations.ts";
import { type AssumableRole, findAssumableRole, findRolePolicies } from "./role.ts";
import { type TrustedCaller, trusts } from "./trust-policy.ts";

export interface Iam {
  operations: ReturnType<typeof iamOperations>;
  authorizer: Authorizer;
  decisions: DecisionLog;
  /** What sts asks for. */
  roles: {
    findRole(arnOrName: string): AssumableRole | undefined;
    trusts(trustPolicy: string, caller: TrustedCaller): boolean;
  };
  /** Refused calls of this process's sessions, each once. */
  listDenied(): DeniedAction[];
  /** What the role's policies allow now and its sessions never used; empty where the role is gone. */
  listUnused(roleName: string): GrantedPermission[];
}

/** Roles and policies of an account, and the decisions by them. */
export function createIam({
  store,
  now,
  createId = createIamId,
}: {
  store: Store;
  now(): Date;
  createId?: IamIdSource;
}): Iam {
  const iam = openIamStore(store);
  const decisions = createDecisionLog();
  const findPolicies = (roleName: string) => findRolePolicies(iam, roleName);
  return {
    operations: iamOperations({ iam, createId, now }),
    authorizer: createAuthorizer({
      ...{ findRolePolicies: findPolicies, decisions, now },
      version: () => iam.roles.version() + iam.policies.version(),
    }),
    decisions,
    roles: { findRole: (arnOrName) => findAssumableRole(iam, arnOrName), trusts },
    listDenied: () => deniedActions(decisions),
    listUnused: (roleName) => unusedPermissions(roleName, findPolicies(roleName)?.identity ?? [], decisions),
  };
}
