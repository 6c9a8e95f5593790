import type { UsageError } from "../usage-error.ts";
import { findStoredType, wholePattern } from "./read-parameters.ts";
import { suggestName } from "./suggest-name.ts";
import type { ParameterDeclaration, Template } from "./template.ts";
import { templateProblem, throwProblems } from "./template-error.ts";
import type { NodePlace } from "./template-node.ts";

export type ParameterValue = string | readonly string[];

/** Looks a name up in Parameter Store; undefined where it is not there. */
export type StoredParameterSource = (name: string) => Promise<string | undefined>;

/** What a prompt for a parameter needs to know. */
export type ParameterMetadata = Pick<
  ParameterDeclaration,
  "name" | "noEcho" | "type" | "description" | "default" | "allowedValues"
> & { place: NodePlace };

export function describeParameters(template: Template): ParameterMetadata[] {
  return [...template.parameters.values()];
}

/** Parameters that have neither a given value nor a default, in the template's order. */
export function missingParameters(template: Template, given: Readonly<Record<string, string>>): ParameterMetadata[] {
  return describeParameters(template).filter(
    (parameter) => !Object.hasOwn(given, parameter.name) && parameter.default === undefined,
  );
}

/**
 * Checks the given texts against the template's parameters and turns them into values. Throws a TemplateError with
 * every problem. No message quotes the value of a NoEcho parameter.
 */
export async function resolveParameters(
  template: Template,
  given: Readonly<Record<string, string>>,
  findStored?: StoredParameterSource,
): Promise<ReadonlyMap<string, ParameterValue>> {
  const problems: UsageError[] = unknownParameters(template, given);
  const missing = missingParameters(template, given);
  const [first] = missing;
  if (first !== undefined) {
    const message = `Parameters: [${missing.map(({ name }) => name).join(", ")}] must have values`;
    const hint = `give ${first.name} a value: --parameter ${first.name}=…`;
    problems.push(templateProblem("TEMPLATE_PARAMETER_MISSING", message, first.place, hint));
  }
  const values = new Map<string, ParameterValue>();
  for (const parameter of template.parameters.values()) {
    const text = Object.hasOwn(given, parameter.name) ? given[parameter.name] : parameter.default;
    if (text === undefined) continue;
    const found = blankProblem(parameter, given) ?? constraintProblem(parameter, text);
    if (found !== undefined) problems.push(found);
    else values.set(parameter.name, await resolveValue(parameter, text, findStored, problems));
  }
  throwProblems(problems);
  return values;
}

/** A default such as `《your prefix》` is a blank for the template's user to fill in, and no value. */
function blankProblem(
  { name, default: text = "", place }: ParameterDeclaration,
  given: Readonly<Record<string, string>>,
): UsageError | undefined {
  if (Object.hasOwn(given, name) || !/《[^《》]*》/.test(text)) return undefined;
  const message = `a blank is left in the template: the Default of parameter ${name}`;
  return templateProblem("TEMPLATE_BLANK_LEFT", message, place, `give ${name} a value: --parameter ${name}=…`);
}

function unknownParameters(template: Template, given: Readonly<Record<string, string>>): UsageError[] {
  const known = [...template.parameters.keys()];
  const unknown = Object.keys(given).filter((name) => !template.parameters.has(name));
  const [first] = unknown;
  if (first === undefined) return [];
  const message = `Parameters: [${unknown.join(", ")}] do not exist in the template`;
  const has = known.length === 0 ? "the template has no parameters" : `the template has ${known.join(", ")}`;
  const { file } = template.source;
  const place = file === undefined ? undefined : { file, start: 0, end: 0 };
  return [templateProblem("TEMPLATE_PARAMETER_UNKNOWN", message, place, suggestName(first, known) ?? has)];
}

async function resolveValue(
  parameter: ParameterDeclaration,
  text: string,
  findStored: StoredParameterSource | undefined,
  problems: UsageError[],
): Promise<ParameterValue> {
  const storedType = findStoredType(parameter.type);
  if (storedType === undefined) return valueOfType(parameter.type, text);
  if (findStored === undefined) {
    const message = `Parameter ${parameter.name} has the type ${parameter.type}, which is not supported by chubo here`;
    problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, parameter.place, "make it a String parameter"));
    return text;
  }
  const stored = await findStored(text);
  if (stored === undefined) {
    const message = `Unable to fetch parameters [${text}] from parameter store for this account.`;
    problems.push(templateProblem("TEMPLATE_PARAMETER", message, parameter.place));
  }
  return valueOfType(storedType, stored ?? "");
}

function valueOfType(type: string, text: string): ParameterValue {
  return isListType(type) ? text.split(",").map((item) => item.trim()) : text;
}

function isListType(type: string): boolean {
  return type === "CommaDelimitedList" || type.startsWith("List<");
}

function constraintProblem(parameter: ParameterDeclaration, text: string): UsageError | undefined {
  const message = violation(parameter, text);
  if (message === undefined) return undefined;
  const { constraintDescription, name, place } = parameter;
  const described =
    constraintDescription === undefined
      ? message
      : `Parameter ${name} failed to satisfy constraint: ${constraintDescription}`;
  return templateProblem("TEMPLATE_PARAMETER", described, place, constraintDescription && message);
}

/** What a value breaks of its declaration, without the value itself. */
function violation(parameter: ParameterDeclaration, text: string): string | undefined {
  const { name, type, allowedValues, allowedPattern } = parameter;
  const items = isListType(type) ? text.split(",").map((item) => item.trim()) : [text];
  const isNumeric = type === "Number" || type === "List<Number>";
  if (isNumeric && !items.every(isNumber)) {
    return type === "Number"
      ? `Parameter '${name}' must be a number.`
      : `Parameter '${name}' must be a list of numbers.`;
  }
  if (allowedValues !== undefined && !items.every((item) => allowedValues.includes(item))) {
    return `Parameter '${name}' must be one of AllowedValues: ${allowedValues.join(", ")}`;
  }
  if (allowedPattern !== undefined && !items.every((item) => wholePattern(allowedPattern).test(item))) {
    return `Parameter '${name}' must match pattern ${allowedPattern}`;
  }
  return isNumeric ? numberViolation(parameter, items) : lengthViolation(parameter, text);
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

function numberViolation({ name, minValue, maxValue }: ParameterDeclaration, items: string[]): string | undefined {
  if (minValue !== undefined && items.some((item) => Number(item) < minValue)) {
    return `Parameter '${name}' must be a number not less than ${minValue}`;
  }
  if (maxValue !== undefined && items.some((item) => Number(item) > maxValue)) {
    return `Parameter '${name}' must be a number not greater than ${maxValue}`;
  }
  return undefined;
}

function lengthViolation({ name, minLength, maxLength }: ParameterDeclaration, text: string): string | undefined {
  if (minLength !== undefined && text.length < minLength) {
    return `Parameter '${name}' must contain at least ${minLength} characters`;
  }
  if (maxLength !== undefined && text.length > maxLength) {
    return `Parameter '${name}' must contain at most ${maxLength} characters`;
  }
  return undefined;
}
