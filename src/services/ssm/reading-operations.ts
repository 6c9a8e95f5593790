import type * as Sdk from "@aws-sdk/client-ssm";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import { describeParameters } from "./describe-parameters.ts";
import { findVersion, newestVersion, type ParameterRecord, type ParameterVersionRecord } from "./parameter.ts";
import { isBelow, matchesFilters } from "./parameter-filters.ts";
import { parseParameterName } from "./parameter-name.ts";
import { onAll, onEach, onName } from "./parameter-permission.ts";
import { takePage } from "./result-page.ts";
import { constraintError, ssmError } from "./ssm-error.ts";
import type { ParameterStore } from "./ssm-store.ts";

/** What GetParameters and DeleteParameters take in one call. */
export const namesPerCall = 10;

export function readingOperations(box: SecretBox, parameters: ParameterStore): Operations<typeof Sdk> {
  const show = (found: Selected, isOpen: boolean | undefined) => showParameter(box, found, isOpen === true);
  return {
    GetParameter: {
      permissions: (input, context) => onName("GetParameter", input.Name, context),
      run: (input, context) => ({
        Parameter: show(getSelected(parameters, input.Name, context), input.WithDecryption),
      }),
    },
    GetParameters: {
      permissions: (input, context) => onEach("GetParameters", input.Names, context),
      run: (input, context) => getParameters(parameters, input, context, show),
    },
    GetParametersByPath: {
      permissions: (input, context) => onName("GetParametersByPath", input.Path, context),
      run(input, context) {
        const { Path: path = "", Recursive = false, ParameterFilters: filters = [] } = input;
        checkPath(path);
        const found = parameters
          .list(context)
          .filter(({ name }) => isBelow(name, path, Recursive))
          .filter((parameter) => matchesFilters(parameter, filters, ["Type", "KeyId", "Label"]));
        const { items, NextToken } = takePage(found, input, 10);
        const label = filters.find(({ Key }) => Key === "Label")?.Values?.[0];
        const Parameters = items.map((parameter) => {
          const version = findVersion(parameter, label) ?? newestVersion(parameter);
          return show({ parameter, version }, input.WithDecryption);
        });
        return { Parameters, ...(NextToken !== undefined && { NextToken }) };
      },
    },
    GetParameterHistory: {
      permissions: (input, context) => onName("GetParameterHistory", input.Name, context),
      run(input, context) {
        const parameter = parameters.get(input.Name, context);
        const { items, NextToken } = takePage(parameter.versions, input, 50);
        const history = items.map((version) => showHistory(box, { parameter, version }, input.WithDecryption === true));
        return { Parameters: history, ...(NextToken !== undefined && { NextToken }) };
      },
    },
    DescribeParameters: {
      permissions: (_input, context) => onAll("DescribeParameters", context),
      run: (input, context) => describeParameters(parameters.list(context), input),
    },
  };
}

interface Selected {
  parameter: ParameterRecord;
  version: ParameterVersionRecord;
  selector?: string | undefined;
}

function getSelected(parameters: ParameterStore, text: string | undefined, context: CallContext): Selected {
  const { id, selector } = parseParameterName(text ?? "");
  const parameter = parameters.get(id, context);
  const version = findVersion(parameter, selector);
  if (version !== undefined) return { parameter, version, selector };
  const what = /^\d+$/.test(selector ?? "") ? "version" : "label";
  const message = `Systems Manager could not find ${what} ${selector} of ${parameter.name}. Verify the ${what} and try again.`;
  throw ssmError("ParameterVersionNotFound", message);
}

function getParameters(
  parameters: ParameterStore,
  { Names = [], WithDecryption }: Sdk.GetParametersCommandInput,
  context: CallContext,
  show: (found: Selected, isOpen: boolean | undefined) => Sdk.Parameter,
): Sdk.GetParametersResult {
  checkNames(Names);
  const Parameters: Sdk.Parameter[] = [];
  const InvalidParameters: string[] = [];
  for (const name of new Set(Names)) {
    const { id, selector } = parseParameterName(name);
    const parameter = parameters.find(id, context);
    const version = parameter === undefined ? undefined : findVersion(parameter, selector);
    if (parameter === undefined || version === undefined) InvalidParameters.push(name);
    else Parameters.push(show({ parameter, version, selector }, WithDecryption));
  }
  return { Parameters, InvalidParameters };
}

export function checkNames(names: readonly string[]): void {
  if (names.length > 0 && names.length <= namesPerCall) return;
  const bound = names.length === 0 ? "greater than or equal to 1" : `less than or equal to ${namesPerCall}`;
  throw constraintError(`[${names.join(", ")}]`, "names", `Member must have length ${bound}`);
}

function checkPath(path: string): void {
  if (/^\/([a-zA-Z0-9_.-]+\/?)*$/.test(path)) return;
  const message =
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
    'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following ' +
    "symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, " +
    'must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';
  throw ssmError("ValidationException", message);
}

/** A SecureString that nobody asked to decrypt is shown as it is stored: sealed. */
function shownValue(box: SecretBox, { type, sealedValue }: ParameterVersionRecord, isOpen: boolean): string {
  return type === "SecureString" && !isOpen ? sealedValue : box.open(sealedValue);
}

function showParameter(box: SecretBox, { parameter, version, selector }: Selected, isOpen: boolean): Sdk.Parameter {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: shownValue(box, version, isOpen),
    Version: version.version,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    LastModifiedDate: new Date(version.modified),
    ARN: parameter.arn,
    DataType: version.dataType,
  };
}

function showHistory(box: SecretBox, { parameter, version }: Selected, isOpen: boolean): Sdk.ParameterHistory {
  return {
    Name: parameter.name,
    Type: version.type,
    ...(version.keyId !== undefined && { KeyId: version.keyId }),
    LastModifiedDate: new Date(version.modified),
    LastModifiedUser: version.modifiedBy,
    ...(version.description !== undefined && { Description: version.description }),
    Value: shownValue(box, version, isOpen),
    ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Labels: version.labels,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}
