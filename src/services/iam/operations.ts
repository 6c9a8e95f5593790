import type * as Sdk from "@aws-sdk/client-iam";
import type { Operations } from "../../aws-api/service.ts";
import { managedPolicyOperations } from "./managed-policy-operations.ts";
import type { IamDeps } from "./operation-row.ts";
import { roleOperations } from "./role-operations.ts";
import { rolePolicyOperations } from "./role-policy-operations.ts";
import { simulationOperations } from "./simulate-principal-policy.ts";

/** IAM's operations on roles and managed policies. Users, groups and instance profiles are not here. */
export function iamOperations(deps: IamDeps) {
  return {
    ...roleOperations(deps),
    ...rolePolicyOperations(deps),
    ...managedPolicyOperations(deps),
    ...simulationOperations(deps),
  } satisfies Operations<typeof Sdk>;
}
