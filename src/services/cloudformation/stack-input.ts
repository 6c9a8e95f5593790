import type * as Sdk from "@aws-sdk/client-cloudformation";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { CallContext, Permission } from "../../aws-api/service.ts";
import { UsageError } from "../../usage-error.ts";
import type { StackEngine } from "./cloudformation.ts";
import type { StackCaller, StackRecord } from "./stack.ts";

export function validationError(message: string, cause?: unknown): AwsError {
  return new AwsError("ValidationError", message, { cause });
}

/** The permission of an operation on a stack. */
export function onStack(action: string) {
  return ({ StackName }: { StackName?: string | undefined }, { region, account }: CallContext): Permission[] => {
    const arn = `arn:aws:cloudformation:${region}:${account}:stack/${StackName ?? "*"}/*`;
    return [{ action: `cloudformation:${action}`, resource: StackName?.startsWith("arn:") ? StackName : arn }];
  };
}

export function onAnything(action: string): () => Permission[] {
  return () => [{ action: `cloudformation:${action}`, resource: "*" }];
}

const namePattern = "[a-zA-Z][-a-zA-Z0-9]*";

export function checkStackName(name: string | undefined): string {
  if (name !== undefined && new RegExp(`^${namePattern}$`).test(name)) {
    if (name.length <= 128) return name;
    throw constraintError(name, "stackName", "Member must have length less than or equal to 128");
  }
  const pattern = `${namePattern}|arn:[-a-zA-Z0-9:/._+]*`;
  throw constraintError(name ?? "", "stackName", `Member must satisfy regular expression pattern: ${pattern}`);
}

function constraintError(value: string, member: string, constraint: string): AwsError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** The template by value or by address; the stored one with UsePreviousTemplate. */
export async function templateOf(
  input: {
    TemplateBody?: string | undefined;
    TemplateURL?: string | undefined;
    UsePreviousTemplate?: boolean | undefined;
  },
  caller: StackCaller,
  { options }: StackEngine,
  previous?: StackRecord,
): Promise<string> {
  const { TemplateBody: body, TemplateURL: url } = input;
  if (input.UsePreviousTemplate === true && previous !== undefined) return previous.template;
  if (body !== undefined && url === undefined) {
    if (Buffer.byteLength(body) <= 51_200) return body;
    // AWS quotes the whole template here, which helps nobody.
    throw constraintError("…", "templateBody", "Member must have length less than or equal to 51200");
  }
  if (url === undefined || body !== undefined) {
    throw validationError("Either Template URL or Template Body must be specified.");
  }
  if (options.readTemplateUrl !== undefined) return options.readTemplateUrl(url, caller);
  throw validationError("Chubo cannot read a TemplateURL here: give the template as TemplateBody");
}

/** Parameters by name; `UsePreviousValue` takes the stack's. */
export function parametersOf(
  parameters: readonly Sdk.Parameter[] | undefined,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const entries = (parameters ?? []).map(({ ParameterKey: key = "", ParameterValue: value, UsePreviousValue }) => {
    if (value !== undefined && UsePreviousValue !== true) return [key, value];
    if (UsePreviousValue === true && Object.hasOwn(previous, key)) return [key, previous[key]];
    throw validationError(
      UsePreviousValue === true
        ? `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`
        : `Parameter ${key} must have a value`,
    );
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

export function tagsOf(tags: readonly Sdk.Tag[] | undefined): StackRecord["tags"] {
  return (tags ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
}

/** What an operation's input may hold and Chubo does not do: refused by name instead of passed over. */
export function refuseMembers(input: object, unsupported: readonly string[]): void {
  for (const name of unsupported) {
    const value = (input as Record<string, unknown>)[name];
    const isEmpty = value === undefined || value === false || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) throw validationError(`Chubo does not support ${name} on stacks`);
  }
}

/** Runs what may find a template wrong. What is a TemplateError to the command line is a ValidationError to the API. */
export async function asValidationError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw validationError(problemText(error), error);
    throw error;
  }
}

/** AWS's sentence first, then where it is and what to do; a line for each problem. */
function problemText(error: UsageError): string {
  const problems = (error as { problems?: readonly UsageError[] }).problems ?? [error];
  return problems
    .map(({ message, place, hint }) => {
      const where = place.line === undefined ? "" : `line ${place.line}, column ${place.column}`;
      const details = [where, hint ?? ""].filter((part) => part !== "").join(": ");
      return details === "" ? message : `${message} (${details})`;
    })
    .join("\n");
}
