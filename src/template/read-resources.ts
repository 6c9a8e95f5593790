import type { UsageError } from "../usage-error.ts";
import { checkKnownKeys, readCondition, readMembers, type SectionMember, structureProblem } from "./read-members.ts";
import type { DeletionPolicy, ResourceDeclaration } from "./template.ts";
import { templateProblem } from "./template-error.ts";
import { findEntry, findText, type NodePlace, type TemplateNode } from "./template-node.ts";

const attributes = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "DeletionPolicy",
  "UpdateReplacePolicy",
  "UpdatePolicy",
  "CreationPolicy",
  "Metadata",
  "Description",
  "Version",
];

const deletionPolicies = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];

export function readResources(
  node: TemplateNode | undefined,
  problems: UsageError[],
): ReadonlyMap<string, ResourceDeclaration> {
  const resources = new Map<string, ResourceDeclaration>();
  for (const member of readMembers("Resources", node, problems)) {
    const resource = readResource(member, problems);
    if (resource !== undefined) resources.set(member.name, resource);
  }
  return resources;
}

function readResource({ name, map, keyPlace }: SectionMember, problems: UsageError[]): ResourceDeclaration | undefined {
  checkKnownKeys(map, attributes, (key) => `Invalid template resource property '${key}'`, problems);
  const type = findEntry(map, "Type");
  const typeName = findText(type);
  if (type === undefined || typeName === undefined) {
    const message = `Template format error: [/Resources/${name}] Every Resources object must contain a Type member.`;
    problems.push(structureProblem(message, type?.place ?? keyPlace));
    return undefined;
  }
  const properties = findEntry(map, "Properties");
  if (properties !== undefined && properties.kind !== "map" && findText(properties) !== undefined) {
    problems.push(structureProblem(`[/Resources/${name}/Properties] 'Properties' must be an object`, properties.place));
  }
  if (properties?.kind === "call") {
    const message = `${properties.name} in place of all properties is not supported by chubo`;
    problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, properties.place));
  }
  return {
    logicalId: name,
    type: typeName,
    typePlace: type.place,
    properties: properties?.kind === "map" ? properties : undefined,
    condition: readCondition(map, problems),
    dependsOn: readDependsOn(name, findEntry(map, "DependsOn"), problems),
    deletionPolicy: readDeletionPolicy(name, findEntry(map, "DeletionPolicy"), problems),
    deletionPolicyPlace: findEntry(map, "DeletionPolicy")?.place,
    creationPolicyPlace: map.entries.get("CreationPolicy")?.keyPlace,
    place: keyPlace,
  };
}

function readDependsOn(
  resource: string,
  node: TemplateNode | undefined,
  problems: UsageError[],
): { logicalId: string; place: NodePlace }[] {
  if (node === undefined) return [];
  const items = node.kind === "list" ? node.items : [node];
  return items.flatMap((item) => {
    const logicalId = findText(item);
    if (logicalId !== undefined) return [{ logicalId, place: item.place }];
    const message = `Template format error: DependsOn of ${resource} must be a string or a list of strings.`;
    problems.push(structureProblem(message, item.place));
    return [];
  });
}

function readDeletionPolicy(resource: string, node: TemplateNode | undefined, problems: UsageError[]): DeletionPolicy {
  if (node === undefined) return "Delete";
  const text = findText(node);
  if (text !== undefined && deletionPolicies.includes(text)) return text as DeletionPolicy;
  const message = `Template format error: Unrecognized DeletionPolicy${text === undefined ? "" : ` ${text}`} for resource ${resource}`;
  problems.push(structureProblem(message, node.place, `one of ${deletionPolicies.join(", ")}, as plain text`));
  return "Delete";
}
