import type { UsageError } from "../usage-error.ts";
import { coerceScalar } from "./coerce-scalar.ts";
import type { Property, PropertyType, ResourceType, ResourceTypeCatalogue, Structure } from "./resource-type.ts";
import { suggestName } from "./suggest-name.ts";
import { templateProblem } from "./template-error.ts";
import {
  findText,
  knownAfterApply,
  type MapNode,
  type NodePlace,
  type ResolvedNode,
  toPlain,
} from "./template-node.ts";

/** Properties with every scalar of the type that its specification asks for, and what is wrong with the others. */
export interface CheckedProperties {
  properties: Record<string, unknown>;
  problems: UsageError[];
}

/** Checks evaluated properties; what is not known before creation is taken for right. */
export function checkProperties(
  properties: MapNode<ResolvedNode>,
  type: ResourceType,
  catalogue: ResourceTypeCatalogue,
): CheckedProperties {
  const problems: UsageError[] = [];
  const value = checkStructure(properties, type.properties, { catalogue, problems, path: "" });
  return { properties: value, problems };
}

interface Check {
  catalogue: ResourceTypeCatalogue;
  problems: UsageError[];
  path: string;
}

function report(check: Check, message: string, place: NodePlace, hint?: string): void {
  check.problems.push(templateProblem("TEMPLATE_PROPERTY", `Property validation failure: [${message}]`, place, hint));
}

function checkStructure(node: MapNode<ResolvedNode>, structure: Structure, check: Check): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, entry] of node.entries) {
    const property = Object.hasOwn(structure, name) ? structure[name] : undefined;
    if (property === undefined) {
      const message = `Encountered unsupported properties in {${check.path || "/"}}: [${name}]`;
      report(check, message, entry.keyPlace, suggestName(name, Object.keys(structure)) ?? knownNames(structure));
    } else {
      value[name] = checkValue(entry.value, property.type, { ...check, path: `${check.path}/${name}` });
    }
  }
  for (const [name, property] of Object.entries(structure)) {
    if (isMissing(name, property, node)) {
      report(check, `The property {${check.path}/${name}} is required`, node.place);
    }
  }
  return value;
}

function isMissing(name: string, property: Property, node: MapNode<ResolvedNode>): boolean {
  return property.isRequired && !node.entries.has(name);
}

function knownNames(structure: Structure): string {
  return `known here: ${Object.keys(structure).join(", ")}`;
}

function checkValue(node: ResolvedNode, type: PropertyType, check: Check): unknown {
  if (node.kind === "unknown") return knownAfterApply;
  switch (type.kind) {
    case "either":
      return checkEither(node, type.types, check);
    case "json":
      return checkJson(node, check);
    case "list":
      return checkList(node, type.element, check);
    case "map":
      return checkMap(node, type.element, check);
    case "structure":
      if (node.kind === "map") return checkStructure(node, check.catalogue.getStructure(type.name), check);
      return mismatch(node, "Object", check);
    default:
      return checkScalar(node, type.kind, check);
  }
}

function mismatch(node: ResolvedNode, expected: string, check: Check, hint?: string): undefined {
  report(check, `Value of property {${check.path}} does not match type {${expected}}`, node.place, hint);
  return undefined;
}

function checkScalar(
  node: ResolvedNode,
  kind: "string" | "integer" | "number" | "boolean" | "date-time",
  check: Check,
): unknown {
  const expected = kind === "date-time" ? "String" : `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  if (node.kind !== "scalar") return mismatch(node, expected, check);
  if (node.value === null) {
    report(check, `'null' values are not allowed in templates: {${check.path}}`, node.place);
    return undefined;
  }
  const value = coerceScalar(node, kind);
  return value === undefined ? mismatch(node, expected, check) : value;
}

/** Free JSON, such as a policy: a text that holds JSON is as good. */
function checkJson(node: ResolvedNode, check: Check): unknown {
  const text = findText(node);
  if (text === undefined && node.kind !== "scalar") return toPlain(node);
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Reported below, without the text.
  }
  return mismatch(node, "Json", check);
}

/** CloudFormation takes one value for a list of one. */
function checkList(node: ResolvedNode, element: PropertyType, check: Check): unknown {
  if (node.kind === "list") {
    return node.items.map((item, index) => checkValue(item, element, { ...check, path: `${check.path}/${index}` }));
  }
  if (node.kind === "scalar" && node.value !== null && element.kind === "string") {
    return [checkValue(node, element, check)];
  }
  return mismatch(node, "List", check, "write a list: each item begins with a dash");
}

function checkMap(node: ResolvedNode, element: PropertyType, check: Check): unknown {
  if (node.kind !== "map") return mismatch(node, "Map", check);
  return Object.fromEntries(
    [...node.entries].map(([key, { value }]) => [
      key,
      checkValue(value, element, { ...check, path: `${check.path}/${key}` }),
    ]),
  );
}

/** The first type that the value fits; where it fits none, what is wrong with the first. */
function checkEither(node: ResolvedNode, types: readonly PropertyType[], check: Check): unknown {
  for (const type of types) {
    const attempt: Check = { ...check, problems: [] };
    const value = checkValue(node, type, attempt);
    if (attempt.problems.length === 0) return value;
  }
  return checkValue(node, types[0] as PropertyType, check);
}
