import { AwsError } from "../../aws-api/aws-error.ts";
import type { CallContext, Permission } from "../../aws-api/service.ts";
import type { DeployRequest } from "./cloudformation.ts";
import type { CloudFormationStore } from "./cloudformation-store.ts";

export function validationError(message: string, cause?: unknown): AwsError {
  return new AwsError("ValidationError", message, { cause });
}

export function onStack(action: string) {
  return ({ StackName }: { StackName?: string | undefined }, { region, account }: CallContext): Permission[] => {
    const arn = `arn:aws:cloudformation:${region}:${account}:stack/${StackName ?? "*"}/*`;
    return [{ action: `cloudformation:${action}`, resource: StackName?.startsWith("arn:") === true ? StackName : arn }];
  };
}

interface StackInput {
  StackName?: string | undefined;
  TemplateBody?: string | undefined;
  TemplateURL?: string | undefined;
  Parameters?:
    | {
        ParameterKey?: string | undefined;
        ParameterValue?: string | undefined;
        UsePreviousValue?: boolean | undefined;
      }[]
    | undefined;
  Capabilities?: string[] | undefined;
  DisableRollback?: boolean | undefined;
  OnFailure?: string | undefined;
}

export function deployRequest(input: StackInput): DeployRequest {
  if (input.TemplateBody === undefined) {
    throw validationError("Chubo takes a template by TemplateBody only (see docs/deviations.md)");
  }
  if (input.OnFailure === "DELETE")
    throw validationError("Chubo does not support OnFailure DELETE yet (see docs/deviations.md)");
  const entries = (input.Parameters ?? []).map(({ ParameterKey = "", ParameterValue }) => {
    if (ParameterValue === undefined)
      throw validationError(
        "Invalid input for parameter key. Cannot specify usePreviousValue as true for a parameter key not in the previous template",
      );
    return [ParameterKey, ParameterValue];
  });
  return {
    name: input.StackName ?? "",
    template: input.TemplateBody,
    parameters: Object.fromEntries(entries) as Record<string, string>,
    capabilities: input.Capabilities ?? [],
    disableRollback: input.DisableRollback === true || input.OnFailure === "DO_NOTHING",
  };
}

const namePattern = "[a-zA-Z][-a-zA-Z0-9]*";

/** A stack of a name that is taken, a bad name, and what needs a capability are refused before anything is made. */
export function checkNewStack(store: CloudFormationStore, { name, template, capabilities }: DeployRequest): void {
  if (!new RegExp(`^${namePattern}$`).test(name) || name.length > 128) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${namePattern}`,
    );
  }
  const existing = store.findStack(name);
  if (existing !== undefined && existing.status !== "REVIEW_IN_PROGRESS") {
    throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
  }
  const needed = /AWS::IAM::/.test(template)
    ? /(RoleName|ManagedPolicyName)\b/.test(template)
      ? "CAPABILITY_NAMED_IAM"
      : "CAPABILITY_IAM"
    : undefined;
  const isGiven =
    needed === undefined || capabilities.includes("CAPABILITY_NAMED_IAM") || capabilities.includes(needed);
  if (!isGiven) throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
}
