import type { UsageError } from "../usage-error.ts";
import { checkKnownKeys, readCondition, readMembers, type SectionMember, structureProblem } from "./read-members.ts";
import type { ConditionDeclaration, OutputDeclaration, RuleDeclaration } from "./template.ts";
import { findEntry, findText, type MapNode, type TemplateNode } from "./template-node.ts";

export function readMappings(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, MapNode<TemplateNode>> {
  const mappings = new Map<string, MapNode<TemplateNode>>();
  for (const { name, map } of readMembers("Mappings", node, problems)) {
    for (const [key, { value, keyPlace }] of map.entries) {
      if (value.kind !== "map") {
        problems.push(structureProblem(`Template format error: Every Mappings member ${key} must be a map`, keyPlace));
        continue;
      }
      for (const attribute of value.entries.values()) checkMappingValue(attribute.value, problems);
    }
    mappings.set(name, map);
  }
  return mappings;
}

function checkMappingValue(value: TemplateNode, problems: UsageError[]): void {
  const isText = findText(value) !== undefined;
  const isList = value.kind === "list" && value.items.every((item) => findText(item) !== undefined);
  if (isText || isList) return;
  const message = "Template format error: Every Mappings attribute must be a String or a List.";
  problems.push(structureProblem(message, value.place));
}

export function readConditions(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, ConditionDeclaration> {
  const conditions = new Map<string, ConditionDeclaration>();
  if (node === undefined) return conditions;
  if (node.kind !== "map") {
    problems.push(structureProblem("Template format error: Conditions section must be a map", node.place));
    return conditions;
  }
  for (const [name, { value, keyPlace }] of node.entries) conditions.set(name, { name, value, place: keyPlace });
  return conditions;
}

export function readRules(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, RuleDeclaration> {
  const rules = new Map<string, RuleDeclaration>();
  for (const { name, map, keyPlace } of readMembers("Rules", node, problems)) {
    const describe = (key: string) => `Template format error: Invalid Rules property '${key}' in rule ${name}`;
    checkKnownKeys(map, ["RuleCondition", "Assertions"], describe, problems);
    const assertions = findEntry(map, "Assertions");
    const items = assertions?.kind === "list" ? assertions.items : [];
    const read = items.flatMap((item) => {
      const assert = item.kind === "map" ? findEntry(item, "Assert") : undefined;
      if (item.kind !== "map" || assert === undefined) return [];
      return [{ assert, description: findText(findEntry(item, "AssertDescription")), place: item.place }];
    });
    if (items.length === 0 || read.length < items.length) {
      const message = `Template format error: Rule ${name} must have a list of Assertions, each with an Assert`;
      problems.push(structureProblem(message, assertions?.place ?? keyPlace));
    }
    rules.set(name, { name, ruleCondition: findEntry(map, "RuleCondition"), assertions: read, place: keyPlace });
  }
  return rules;
}

export function readOutputs(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, OutputDeclaration> {
  const outputs = new Map<string, OutputDeclaration>();
  for (const member of readMembers("Outputs", node, problems)) {
    const output = readOutput(member, problems);
    if (output !== undefined) outputs.set(member.name, output);
  }
  return outputs;
}

function readOutput({ name, map, keyPlace }: SectionMember, problems: UsageError[]): OutputDeclaration | undefined {
  const known = ["Value", "Description", "Export", "Condition"];
  checkKnownKeys(map, known, (key) => `Template format error: Invalid Outputs property '${key}' in ${name}`, problems);
  const value = findEntry(map, "Value");
  if (value === undefined) {
    problems.push(
      structureProblem("Template format error: Every Outputs member must contain a Value object", keyPlace),
    );
    return undefined;
  }
  if (value.kind === "scalar" && value.value === null) {
    const message = `[/Outputs/${name}/Value] 'null' values are not allowed in templates`;
    problems.push(structureProblem(message, value.place));
  }
  const exported = findEntry(map, "Export");
  const exportName = exported?.kind === "map" ? findEntry(exported, "Name") : undefined;
  if (exported !== undefined && exportName === undefined) {
    const message = `Template format error: Output ${name} is malformed. An Export must contain a Name.`;
    problems.push(structureProblem(message, exported.place));
  }
  const description = findText(findEntry(map, "Description"));
  return { name, value, description, exportName, condition: readCondition(map, problems), place: keyPlace };
}
