import type { ParameterStringFilter } from "@aws-sdk/client-ssm";
import { newestVersion, type ParameterRecord } from "./parameter.ts";
import { ssmError } from "./ssm-error.ts";

/** Whether a name lies in a hierarchy: directly in it, or anywhere below. */
export function isBelow(name: string, path: string, isRecursive: boolean): boolean {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  const whole = name.startsWith("/") ? name : `/${name}`;
  return whole.startsWith(prefix) && (isRecursive || !whole.slice(prefix.length).includes("/"));
}

/**
 * Whether a parameter passes all filters. Throws InvalidFilterKey and its like.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export function matchesFilters(
  parameter: ParameterRecord,
  filters: readonly ParameterStringFilter[],
  keys: readonly string[],
): boolean {
  return filters.every((filter) => matches(parameter, filter, keys));
}

function matches(parameter: ParameterRecord, filter: ParameterStringFilter, keys: readonly string[]): boolean {
  const { Key: key = "", Option: option, Values: values = [] } = filter;
  if (!keys.includes(key) && !(key.startsWith("tag:") && keys.includes("tag:"))) {
    const message = `The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(", ")}].`;
    throw ssmError("InvalidFilterKey", message);
  }
  if (key === "Path") {
    checkOption(option, ["OneLevel", "Recursive"]);
    return values.some((path) => isBelow(parameter.name, path, option === "Recursive"));
  }
  checkOption(option, key === "Name" ? ["BeginsWith", "Equals", "Contains"] : ["BeginsWith", "Equals"]);
  if (values.length === 0 && !key.startsWith("tag:")) {
    throw ssmError("InvalidFilterValue", `The following filter values are missing for filter key: ${key}`);
  }
  const texts = textsOf(parameter, key);
  // A tag without values is asked for by its key.
  if (values.length === 0) return texts.length > 0;
  return texts.some((text) => values.some((value) => isLike(text, value, option)));
}

function isLike(text: string, value: string, option: string | undefined): boolean {
  if (option === "BeginsWith") return text.startsWith(value);
  return option === "Contains" ? text.includes(value) : text === value;
}

function textsOf(parameter: ParameterRecord, key: string): string[] {
  const { type, keyId, tier, dataType } = newestVersion(parameter);
  switch (key) {
    case "Name":
      return [parameter.name];
    case "Type":
      return [type];
    case "KeyId":
      return keyId === undefined ? [] : [keyId];
    case "Tier":
      return [tier];
    case "DataType":
      return [dataType];
    case "Label":
      return parameter.versions.flatMap(({ labels }) => labels);
    default:
      return parameter.tags.filter(({ Key }) => `tag:${Key}` === key).map(({ Value = "" }) => Value);
  }
}

function checkOption(option: string | undefined, allowed: readonly string[]): void {
  if (option === undefined || allowed.includes(option)) return;
  const message = `The following filter option is not valid: ${option}. Valid options include: [${allowed.join(", ")}].`;
  throw ssmError("InvalidFilterOption", message);
}
