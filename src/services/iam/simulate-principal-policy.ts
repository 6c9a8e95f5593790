import type * as Sdk from "@aws-sdk/client-iam";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Operations } from "../../aws-api/service.ts";
import { noSuchEntity, validationError } from "./iam-error.ts";
import { requireValue } from "./iam-input.ts";
import { type IamDeps, onResource } from "./operation-row.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { evaluatePolicies } from "./policy-evaluation.ts";
import type { ConditionValues } from "./policy-variables.ts";
import { findRolePolicies, findRoleRecord } from "./role.ts";

/** Members that would change the answer and are not evaluated. */
const unsupported = ["ResourcePolicy", "ResourceOwner", "ResourceHandlingOption", "PermissionsBoundaryPolicyInputList"];

export function simulationOperations(deps: IamDeps) {
  return {
    SimulatePrincipalPolicy: onResource(
      ({ PolicySourceArn: arn = "*" }: Sdk.SimulatePrincipalPolicyRequest) => arn,
      (input) => simulatePrincipalPolicy(deps, input),
    ),
  } satisfies Operations<typeof Sdk>;
}

/** Asks the evaluator that decides real calls. Global condition keys have the values that the caller gives, or none. */
function simulatePrincipalPolicy(
  { iam }: IamDeps,
  input: Sdk.SimulatePrincipalPolicyRequest,
): Sdk.SimulatePolicyResponse {
  const given = unsupported.find((member) => Object.hasOwn(input, member));
  if (given !== undefined) throw new AwsError("InvalidInputException", `Chubo does not simulate with ${given}.`);
  const arn = requireValue(input.PolicySourceArn, "policySourceArn");
  const role = findRoleRecord(iam, arn);
  const policies = role && findRolePolicies(iam, role.roleName);
  if (policies === undefined)
    throw noSuchEntity(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);

  const identity = [
    ...policies.identity,
    ...(input.PolicyInputList ?? []).map((text) => parsePolicyDocument(text, "identity")),
  ];
  const conditionValues = valuesOf(input.ContextEntries ?? []);
  const results = requireValue(input.ActionNames, "actionNames").flatMap((action) => {
    if (!action.includes(":")) throw validationError(`Invalid Action: ${action}`);
    return (input.ResourceArns ?? ["*"]).map((resource) => {
      const request = { action, resource, conditionValues };
      const byIdentity = evaluatePolicies(identity, request);
      const byBoundary = policies.boundary ? evaluatePolicies([policies.boundary], request) : "allowed";
      const decisions = [byIdentity, byBoundary];
      const decision =
        decisions.find((each) => each === "explicitDeny") ?? decisions.find((each) => each !== "allowed");
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decision ?? "allowed",
        MatchedStatements: [],
        MissingContextValues: [],
      } satisfies Sdk.EvaluationResult;
    });
  });
  return { EvaluationResults: results, IsTruncated: false };
}

function valuesOf(entries: readonly Sdk.ContextEntry[]): ConditionValues {
  return Object.fromEntries(
    entries.map(({ ContextKeyName: key = "", ContextKeyValues: values = [], ContextKeyType: type = "" }) => [
      key.toLowerCase(),
      type.endsWith("List") ? values : (values[0] ?? ""),
    ]),
  );
}
