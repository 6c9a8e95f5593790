import type { UsageError } from "../usage-error.ts";
import { dependencyGraph, dependencyOrder } from "./dependency-graph.ts";
import { findBlanks } from "./find-blanks.ts";
import { intrinsicFunctions, noValue } from "./intrinsic-functions.ts";
import { findReferences, type Reference } from "./references.ts";
import type { ResourceTypeCatalogue } from "./resource-type.ts";
import { suggestName } from "./suggest-name.ts";
import type { ResourceDeclaration, Template } from "./template.ts";
import { collectProblems, templateProblem } from "./template-error.ts";
import type { NodePlace, TemplateNode } from "./template-node.ts";

/** What a template may use, beside what the language says. */
export interface TemplateSupport {
  catalogue: ResourceTypeCatalogue;
  /** Types that have a provider. */
  types: readonly string[];
}

/** Everything that can be wrong with a template whatever its parameters are, in the template's order. */
export function checkTemplate(template: Template, support: TemplateSupport): UsageError[] {
  const problems: UsageError[] = [
    ...findBlanks(template),
    ...checkTypes(template, support.types),
    ...checkConditions(template),
    ...[...template.resources.values()].flatMap((resource) => checkResource(resource, template, support.catalogue)),
    ...checkOutputs(template, support.catalogue),
  ];
  // With conditions, a cycle may lie in branches that are never taken together.
  const isDecided = template.conditions.size === 0;
  if (isDecided && problems.every(({ code }) => code === "TEMPLATE_BLANK_LEFT")) {
    collectProblems(problems, () => dependencyOrder(dependencyGraph(template, template.resources)));
  }
  return problems.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0));
}

function checkTypes(template: Template, types: readonly string[]): UsageError[] {
  const firstOfType = new Map<string, NodePlace>();
  for (const { type, typePlace } of template.resources.values()) {
    if (!types.includes(type) && !firstOfType.has(type)) firstOfType.set(type, typePlace);
  }
  return [...firstOfType].map(([type, place]) => {
    const message = `Template format error: Unrecognized resource types: [${type}]`;
    const supported = `chubo makes ${types.join(", ")}`;
    return templateProblem("TEMPLATE_RESOURCE_TYPE", message, place, suggestName(type, types) ?? supported);
  });
}

function checkConditions(template: Template): UsageError[] {
  const resourceless = "Cannot reference resources in the Conditions block of the template";
  return [...template.conditions.values()].flatMap(({ value }) => {
    const problems = unsupportedFunctions(value, conditionFunctions);
    for (const { name, kind, place } of references(value, template, problems)) {
      if (kind === "condition" || isValue(name, template)) continue;
      const message = `Template format error: Unresolved dependencies [${name}]. ${resourceless}`;
      problems.push(templateProblem("TEMPLATE_REFERENCE", message, place, suggestValue(name, template)));
    }
    return problems;
  });
}

const valueFunctions = Object.keys(intrinsicFunctions);
const conditionFunctions = [
  ...["Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"],
  ...valueFunctions.filter((name) => name !== "Fn::ImportValue"),
];

function checkResource(
  resource: ResourceDeclaration,
  template: Template,
  catalogue: ResourceTypeCatalogue,
): UsageError[] {
  const problems: UsageError[] = [];
  if (resource.properties !== undefined) {
    problems.push(...checkValue(resource.properties, "Resources", template, catalogue));
  }
  for (const { logicalId, place } of resource.dependsOn) {
    if (!template.resources.has(logicalId)) problems.push(unresolved(logicalId, "Resources", template, place));
  }
  checkConditionName(resource.condition, "Resources", template, problems);
  if (catalogue.findType(resource.type) !== undefined) {
    if (resource.creationPolicyPlace !== undefined) {
      const message = `CreationPolicy is not supported on resources of type ${resource.type}`;
      problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, resource.creationPolicyPlace));
    }
    if (resource.deletionPolicy === "Snapshot") {
      const message = `Template error: resource type ${resource.type} does not support deletion policy Snapshot`;
      const place = resource.deletionPolicyPlace;
      problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, place, "use Delete or Retain"));
    }
  }
  return problems;
}

function checkOutputs(template: Template, catalogue: ResourceTypeCatalogue): UsageError[] {
  return [...template.outputs.values()].flatMap(({ value, exportName, condition }) => {
    const problems = checkValue(value, "Outputs", template, catalogue);
    if (exportName !== undefined) problems.push(...checkValue(exportName, "Outputs", template, catalogue));
    checkConditionName(condition, "Outputs", template, problems);
    return problems;
  });
}

type Block = "Resources" | "Outputs";

function checkConditionName(
  condition: ResourceDeclaration["condition"],
  block: Block,
  template: Template,
  problems: UsageError[],
): void {
  if (condition === undefined || template.conditions.has(condition.name)) return;
  const message = `Template format error: Unresolved condition dependency ${condition.name} in the ${block} block of the template`;
  const hint = suggestName(condition.name, template.conditions.keys());
  problems.push(templateProblem("TEMPLATE_CONDITION", message, condition.place, hint));
}

function checkValue(
  node: TemplateNode,
  block: Block,
  template: Template,
  catalogue: ResourceTypeCatalogue,
): UsageError[] {
  const problems = unsupportedFunctions(node, valueFunctions);
  for (const reference of references(node, template, problems)) {
    const problem = referenceProblem(reference, block, template, catalogue);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

function references(node: TemplateNode, template: Template, problems: UsageError[]): Reference[] {
  return collectProblems(problems, () => findReferences(node, { source: template.source })) ?? [];
}

function referenceProblem(
  reference: Reference,
  block: Block,
  template: Template,
  catalogue: ResourceTypeCatalogue,
): UsageError | undefined {
  const { kind, name, place } = reference;
  if (kind === "condition") {
    if (template.conditions.has(name)) return undefined;
    const message = `Template error: unresolved condition dependency ${name} in Fn::If`;
    return templateProblem("TEMPLATE_CONDITION", message, place, suggestName(name, template.conditions.keys()));
  }
  const resource = template.resources.get(name);
  if (kind === "ref") {
    return isValue(name, template) || resource !== undefined ? undefined : unresolved(name, block, template, place);
  }
  if (resource === undefined) {
    const message = `Template error: instance of Fn::GetAtt references undefined resource ${name}`;
    return templateProblem("TEMPLATE_REFERENCE", message, place, suggestName(name, template.resources.keys()));
  }
  const known = catalogue.findType(resource.type)?.attributes;
  if (known === undefined || reference.attribute === undefined || known.includes(reference.attribute)) return undefined;
  const message = `Template error: resource ${name} does not support attribute type ${reference.attribute} in Fn::GetAtt`;
  const hint = suggestName(reference.attribute, known) ?? `${resource.type} has ${known.join(", ")}`;
  return templateProblem("TEMPLATE_REFERENCE", message, place, hint);
}

export function unresolved(name: string, block: Block, template: Template, place: NodePlace): UsageError {
  const message = `Template format error: Unresolved resource dependencies [${name}] in the ${block} block of the template`;
  const known = [...template.resources.keys(), ...template.parameters.keys(), ...pseudoNames];
  const hint = suggestName(name, known) ?? "it is neither a parameter nor a resource of this template";
  return templateProblem("TEMPLATE_REFERENCE", message, place, hint);
}

const pseudoNames = [
  "AWS::AccountId",
  "AWS::NotificationARNs",
  noValue,
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
];

function isValue(name: string, template: Template): boolean {
  return pseudoNames.includes(name) || template.parameters.has(name);
}

function suggestValue(name: string, template: Template): string | undefined {
  return suggestName(name, [...template.parameters.keys(), ...pseudoNames]);
}

function unsupportedFunctions(node: TemplateNode, supported: readonly string[]): UsageError[] {
  switch (node.kind) {
    case "scalar":
      return [];
    case "list":
      return node.items.flatMap((item) => unsupportedFunctions(item, supported));
    case "map":
      return [...node.entries].flatMap(([key, { keyPlace, value }]) => [
        ...(key.startsWith("Fn::") ? [unsupportedFunction(key, keyPlace)] : []),
        ...unsupportedFunctions(value, supported),
      ]);
    case "call":
      return supported.includes(node.name)
        ? unsupportedFunctions(node.argument, supported)
        : [unsupportedFunction(node.name, node.place)];
  }
}

function unsupportedFunction(name: string, place: NodePlace): UsageError {
  const message = `${name} is not supported by chubo here`;
  return templateProblem("TEMPLATE_UNSUPPORTED", message, place, functionHint(name));
}

function functionHint(name: string): string | undefined {
  return valueFunctions.includes(name) ? `${name} must stand alone in its map` : suggestName(name, valueFunctions);
}
