import type { UsageError } from "../usage-error.ts";
import { checkKnownKeys, readMembers, type SectionMember, structureProblem } from "./read-members.ts";
import type { ParameterDeclaration } from "./template.ts";
import { templateProblem } from "./template-error.ts";
import { findEntry, findText, type MapNode, type TemplateNode } from "./template-node.ts";

const attributes = [
  "Type",
  "Default",
  "Description",
  "NoEcho",
  "AllowedValues",
  "AllowedPattern",
  "ConstraintDescription",
  "MinLength",
  "MaxLength",
  "MinValue",
  "MaxValue",
];

const plainTypes = ["String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"];

/** Types that name things of AWS's: their values are strings, or lists of them. */
const namingType =
  /^(AWS::(EC2|Route53)::[A-Za-z0-9]+::[A-Za-z]+|List<AWS::(EC2|Route53)::[A-Za-z0-9]+::[A-Za-z]+>|AWS::SSM::Parameter::Name)$/;

const storedType = /^AWS::SSM::Parameter::Value<([^<>]+|List<[^<>]+>)>$/;

export function readParameters(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, ParameterDeclaration> {
  const parameters = new Map<string, ParameterDeclaration>();
  for (const member of readMembers("Parameters", node, problems)) {
    parameters.set(member.name, readParameter(member, problems));
  }
  return parameters;
}

function readParameter({ name, map, keyPlace }: SectionMember, problems: UsageError[]): ParameterDeclaration {
  const unknown = (key: string) => `Template format error: Invalid template parameter property '${key}'`;
  checkKnownKeys(map, attributes, unknown, problems);
  const text = (key: string) => findText(findEntry(map, key));
  const type = findEntry(map, "Type");
  const typeName = findText(type);
  if (typeName === undefined) {
    const message = "Template format error: Every Parameters object must contain a Type member.";
    problems.push(structureProblem(message, type?.place ?? keyPlace));
  } else if (!isParameterType(typeName)) {
    const message = `Template format error: Unrecognized parameter type: ${typeName}`;
    const hint = `one of ${plainTypes.join(", ")}, an AWS-specific type, or AWS::SSM::Parameter::Value<…>`;
    problems.push(structureProblem(message, type?.place ?? keyPlace, hint));
  }
  const number = (key: string) => readNumber(name, key, map, problems);
  return {
    name,
    type: typeName ?? "String",
    description: text("Description"),
    default: readDefault(name, findEntry(map, "Default"), problems),
    noEcho: text("NoEcho")?.toLowerCase() === "true",
    allowedValues: readAllowedValues(name, findEntry(map, "AllowedValues"), problems),
    allowedPattern: readPattern(name, findEntry(map, "AllowedPattern"), problems),
    constraintDescription: text("ConstraintDescription"),
    minLength: number("MinLength"),
    maxLength: number("MaxLength"),
    minValue: number("MinValue"),
    maxValue: number("MaxValue"),
    place: keyPlace,
  };
}

function isParameterType(type: string): boolean {
  return plainTypes.includes(type) || namingType.test(type) || storedType.test(type);
}

/** `AWS::SSM::Parameter::Value<T>`: the T whose value Parameter Store keeps; undefined for other types. */
export function findStoredType(type: string): string | undefined {
  return storedType.exec(type)?.[1];
}

function readDefault(name: string, node: TemplateNode | undefined, problems: UsageError[]): string | undefined {
  if (node === undefined) return undefined;
  const text = node.kind === "list" ? listText(node.items) : findText(node);
  if (text === undefined) {
    const message = `Template format error: Every Default member must be a string.`;
    problems.push(structureProblem(message, node.place, `the Default of ${name} is none`));
  }
  return text;
}

function listText(items: readonly TemplateNode[]): string | undefined {
  const texts = items.map(findText);
  return texts.includes(undefined) ? undefined : texts.join(",");
}

function readAllowedValues(
  name: string,
  node: TemplateNode | undefined,
  problems: UsageError[],
): readonly string[] | undefined {
  if (node === undefined) return undefined;
  const texts = node.kind === "list" ? node.items.map(findText) : [undefined];
  if (!texts.includes(undefined)) return texts as string[];
  const message = `Template format error: AllowedValues of parameter ${name} must be a list of strings.`;
  problems.push(structureProblem(message, node.place));
  return undefined;
}

/** What Java's patterns have and JavaScript reads otherwise or not at all: classes, anchors, flags, possessive signs. */
const javaOnly = /\\[pPAzZGQEhHR]|\(\?[a-zA-Z-]+[:)]|[*+?}]\+/;

/** AWS's patterns are Java's; those that mean something else in JavaScript are refused rather than misread. */
function readPattern(name: string, node: TemplateNode | undefined, problems: UsageError[]): string | undefined {
  const pattern = findText(node);
  if (node === undefined || pattern === undefined) return undefined;
  // A backslash before a backslash begins nothing.
  if (javaOnly.test(pattern.replaceAll("\\\\", ""))) {
    const message = `AllowedPattern of parameter ${name} is of Java's own kind, which is not supported by chubo`;
    problems.push(
      templateProblem("TEMPLATE_UNSUPPORTED", message, node.place, "write it without \\p{…}, \\A, (?i) and the like"),
    );
    return undefined;
  }
  try {
    wholePattern(pattern);
    return pattern;
  } catch {
    const message = `Template format error: AllowedPattern of parameter ${name} is not a regular expression: ${pattern}`;
    problems.push(structureProblem(message, node.place));
    return undefined;
  }
}

/** A pattern must match the whole value. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function readNumber(name: string, key: string, map: MapNode<TemplateNode>, problems: UsageError[]): number | undefined {
  const node = findEntry(map, key);
  if (node === undefined) return undefined;
  const text = findText(node);
  const number = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  problems.push(structureProblem(`Template format error: ${key} of parameter ${name} must be a number.`, node.place));
  return undefined;
}
