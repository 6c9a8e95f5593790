import type { Collection, Store } from "../../store/store.ts";

/** Dates are ISO texts, as records are plain JSON. */
export interface RoleRecord {
  roleName: string;
  path: string;
  roleId: string;
  arn: string;
  createDate: string;
  description?: string;
  maxSessionDuration: number;
  permissionsBoundary?: string;
  /** Policy documents are kept as they were given. */
  assumeRolePolicyDocument: string;
  inlinePolicies: Record<string, string>;
  /** ARNs in the order in which they were attached. */
  attachedPolicies: string[];
  tags: Record<string, string>;
}

/** A policy of the customer's own. */
export interface PolicyRecord {
  policyName: string;
  path: string;
  policyId: string;
  arn: string;
  createDate: string;
  updateDate: string;
  description?: string;
  document: string;
  tags: Record<string, string>;
}

export interface IamStore {
  /** Under the role's name in lower case: names are unique without regard to case. */
  roles: Collection<RoleRecord>;
  /** Under the policy's ARN. */
  policies: Collection<PolicyRecord>;
}

export function openIamStore(store: Store): IamStore {
  return { roles: store.collection("iam-role"), policies: store.collection("iam-policy") };
}
