import type * as Sdk from "@aws-sdk/client-ssm";
import { newestVersion, type ParameterRecord } from "./parameter.ts";
import { matchesFilters } from "./parameter-filters.ts";
import { takePage } from "./result-page.ts";
import { ssmError } from "./ssm-error.ts";

const filterKeys = ["Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType", "tag:"];

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
export function describeParameters(
  parameters: readonly ParameterRecord[],
  input: Sdk.DescribeParametersCommandInput,
): Sdk.DescribeParametersResult {
  const { Filters: older = [], ParameterFilters: filters = [] } = input;
  if (older.length > 0 && filters.length > 0) {
    const message = "You can use either Filters or ParameterFilters in a single request.";
    throw ssmError("ValidationException", message);
  }
  const asked = filters.length > 0 ? filters : older.map(({ Key, Values }) => ({ Key, Values }));
  const found = parameters.filter((parameter) => matchesFilters(parameter, asked, filterKeys));
  const { items, NextToken } = takePage(found, input, 50);
  return { Parameters: items.map(describeParameter), ...(NextToken !== undefined && { NextToken }) };
}

function describeParameter(parameter: ParameterRecord): Sdk.ParameterMetadata {
  const newest = newestVersion(parameter);
  return {
    Name: parameter.name,
    ARN: parameter.arn,
    Type: newest.type,
    ...(newest.keyId !== undefined && { KeyId: newest.keyId }),
    LastModifiedDate: new Date(newest.modified),
    LastModifiedUser: newest.modifiedBy,
    ...(newest.description !== undefined && { Description: newest.description }),
    ...(newest.allowedPattern !== undefined && { AllowedPattern: newest.allowedPattern }),
    Version: newest.version,
    Tier: newest.tier,
    Policies: [],
    DataType: newest.dataType,
  };
}
