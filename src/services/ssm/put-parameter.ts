import type * as Sdk from "@aws-sdk/client-ssm";
import type { CallContext } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import {
  newestVersion,
  type ParameterRecord,
  type ParameterTier,
  type ParameterType,
  type ParameterVersionRecord,
} from "./parameter.ts";
import { checkParameterName, parameterArn } from "./parameter-name.ts";
import { constraintError, ssmError, unsupported } from "./ssm-error.ts";
import type { ParameterStore } from "./ssm-store.ts";

export interface PutParameterDeps {
  box: SecretBox;
  parameters: ParameterStore;
  now(): Date;
}

const types: readonly string[] = ["String", "StringList", "SecureString"];
/** Characters of a value. */
const largestValue = { Standard: 4096, Advanced: 8192 };
const mostVersions = 100;
const defaultKey = "alias/aws/ssm";

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export function putParameter(
  { box, parameters, now }: PutParameterDeps,
  input: Sdk.PutParameterCommandInput,
  context: CallContext,
): Sdk.PutParameterResult {
  const { Name: name = "", Value: value = "", Overwrite: isOverwrite = false } = input;
  checkParameterName(name);
  const existing = parameters.find(name, context);
  checkRequest(input, existing);
  const previous = existing === undefined ? undefined : newestVersion(existing);
  const type = typeOf(input, previous);
  const tier = tierOf(input, previous);
  checkValue(value, tier);
  checkPattern(value, input.AllowedPattern);
  if (existing !== undefined && !isOverwrite) {
    const message =
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    throw ssmError("ParameterAlreadyExists", message);
  }
  const version: ParameterVersionRecord = {
    version: (previous?.version ?? 0) + 1,
    type,
    sealedValue: box.seal(value),
    ...(type === "SecureString" && { keyId: defaultKey }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.AllowedPattern !== undefined && { allowedPattern: input.AllowedPattern }),
    tier,
    dataType: input.DataType ?? previous?.dataType ?? "text",
    labels: [],
    modified: now().getTime(),
    modifiedBy: context.principal.arn,
  };
  const versions = [...(existing?.versions ?? []), version];
  const { region } = context;
  const added = { name, arn: parameterArn(name, context), region, tags: input.Tags ?? [] };
  parameters.put({ ...(existing ?? added), versions: withinLimit(name, versions) });
  return { Version: version.version, Tier: tier };
}

function checkRequest(input: Sdk.PutParameterCommandInput, existing: ParameterRecord | undefined): void {
  const { Type, Tier, Overwrite, Tags } = input;
  if (Type !== undefined && !types.includes(Type)) {
    throw constraintError(Type, "type", "Member must satisfy enum value set: [SecureString, StringList, String]");
  }
  if (Tier !== undefined && !["Standard", "Advanced", "Intelligent-Tiering"].includes(Tier)) {
    const set = "Member must satisfy enum value set: [Standard, Intelligent-Tiering, Advanced]";
    throw constraintError(Tier, "tier", set);
  }
  checkSupported(input);
  if (Overwrite === true && (Tags ?? []).length > 0) {
    const message =
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
      "overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.";
    throw ssmError("ValidationException", message);
  }
  if (Type === undefined && existing === undefined) {
    throw ssmError("ValidationException", "A parameter type is required when you create a parameter.");
  }
}

function checkSupported({ DataType, KeyId, Policies = "" }: Sdk.PutParameterCommandInput): void {
  if (DataType === "aws:ec2:image" || DataType === "aws:ssm:integration") throw unsupported(`DataType ${DataType}`);
  if (DataType !== undefined && DataType !== "text") {
    const message = `The following data type is not supported: ${DataType} (Data type names are all lowercase.)`;
    throw ssmError("ValidationException", message);
  }
  if (KeyId !== undefined && KeyId !== defaultKey) throw unsupported("KeyId of PutParameter: there is no KMS");
  if (Policies !== "" && Policies !== "[]") throw unsupported("Policies of PutParameter");
}

function typeOf({ Type }: Sdk.PutParameterCommandInput, previous: ParameterVersionRecord | undefined): ParameterType {
  const type = (Type ?? previous?.type) as ParameterType;
  if (previous === undefined || previous.type === type) return type;
  const message =
    "The parameter type can't be changed. Delete the parameter and create it with the type that you want.";
  throw ssmError("HierarchyTypeMismatchException", message);
}

/** Intelligent-Tiering makes a parameter advanced where it needs to be. An advanced one never becomes standard again. */
function tierOf(
  { Tier, Value = "" }: Sdk.PutParameterCommandInput,
  previous: ParameterVersionRecord | undefined,
): ParameterTier {
  if (Tier === "Advanced" || previous?.tier === "Advanced") return "Advanced";
  return Tier === "Intelligent-Tiering" && Value.length > largestValue.Standard ? "Advanced" : "Standard";
}

function checkValue(value: string, tier: ParameterTier): void {
  if (value === "") {
    throw constraintError("", "value", "Member must have length greater than or equal to 1");
  }
  if (value.length <= largestValue[tier]) return;
  const upgrade =
    tier === "Advanced"
      ? ""
      : " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.";
  const message = `${tier} tier parameters support a maximum parameter value of ${largestValue[tier]} characters.${upgrade}`;
  throw ssmError("ValidationException", message);
}

function checkPattern(value: string, pattern: string | undefined): void {
  if (pattern === undefined) return;
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    const message = `The allowed pattern ${pattern} is not a regular expression`;
    throw Object.assign(ssmError("InvalidAllowedPatternException", message), { cause: error });
  }
  if (expression.test(value)) return;
  const message = `Parameter value, cannot be validated against allowedPattern: ${pattern}`;
  throw ssmError("ParameterPatternMismatchException", message);
}

/** The oldest version goes, unless a label holds it. */
function withinLimit(name: string, versions: ParameterVersionRecord[]): ParameterVersionRecord[] {
  if (versions.length <= mostVersions) return versions;
  const [oldest, ...rest] = versions;
  if (oldest === undefined || oldest.labels.length === 0) return rest;
  const message =
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
    `Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. ` +
    "Move the label to another version of the parameter, and try again.";
  throw ssmError("ParameterMaxVersionLimitExceeded", message);
}
