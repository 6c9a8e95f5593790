import { type PolicyDocument, parsePolicyDocument, type Statement } from "./policy-document.ts";
import { coversAction, holdsConditions } from "./policy-evaluation.ts";
import type { ConditionValues } from "./policy-variables.ts";

/** Who wants to assume a role. */
export interface TrustedCaller {
  /** `codebuild.amazonaws.com`, where a service assumes the role for itself. */
  service?: string;
  /** As `aws sts get-caller-identity` prints it. */
  principalArn?: string;
  /** `sts:AssumeRole` unless told otherwise. */
  action?: string;
  /** Under their names in lower case: `sts:externalid`, `aws:sourceaccount`. */
  conditionValues?: ConditionValues;
}

/** Whether a role's trust policy lets the caller assume the role. */
export function trusts(document: string, caller: TrustedCaller): boolean {
  const policy = parsePolicyDocument(document, "trust");
  const applying = policy.statements.filter((statement) => appliesTo(statement, policy.version, caller));
  return applying.length > 0 && applying.every((statement) => statement.effect === "Allow");
}

function appliesTo(statement: Statement, version: PolicyDocument["version"], caller: TrustedCaller): boolean {
  const namesCaller = statement.notPrincipals
    ? !isNamed(statement.notPrincipals, caller)
    : isNamed(statement.principals ?? {}, caller);
  return (
    namesCaller &&
    coversAction(statement, caller.action ?? "sts:AssumeRole") &&
    holdsConditions(statement, version, caller.conditionValues ?? {})
  );
}

function isNamed(principals: NonNullable<Statement["principals"]>, caller: TrustedCaller): boolean {
  if (principals === "*") return true;
  const { service, principalArn } = caller;
  if (service !== undefined && principals.Service?.includes(service)) return true;
  return principalArn !== undefined && (principals.AWS?.some((name) => isArnNamed(name, principalArn)) ?? false);
}

function isArnNamed(name: string, arn: string): boolean {
  const account = arn.split(":")[4];
  if (name === "*" || name === arn || name === account || name === `arn:aws:iam::${account}:root`) return true;
  // A session's ARN has the role's name without its path.
  const role = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(name);
  return role !== null && arn.startsWith(`arn:aws:sts::${role[1]}:assumed-role/${role[2]}/`);
}
