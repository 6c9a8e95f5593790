import type { UsageError } from "../usage-error.ts";
import { suggestName } from "./suggest-name.ts";
import { templateProblem } from "./template-error.ts";
import { findEntry, findText, type MapNode, type NodePlace, type TemplateNode } from "./template-node.ts";

/** A member of a section: `/Resources/NAME` and its map. */
export interface SectionMember {
  name: string;
  map: MapNode<TemplateNode>;
  keyPlace: NodePlace;
}

const noun = { Resources: "Resource", Parameters: "Parameter", Outputs: "Output", Mappings: "Mapping", Rules: "Rule" };

/** The members of a section that are well-named maps; what is wrong with the others goes to `problems`. */
export function readMembers(
  section: keyof typeof noun,
  node: TemplateNode | undefined,
  problems: UsageError[],
): SectionMember[] {
  if (node === undefined) return [];
  if (node.kind !== "map") {
    const code = node.kind === "call" ? "TEMPLATE_UNSUPPORTED" : "TEMPLATE_STRUCTURE";
    problems.push(templateProblem(code, notSectionMessage(section, node), node.place));
    return [];
  }
  const members: SectionMember[] = [];
  for (const [name, { keyPlace, value }] of node.entries) {
    if (name.startsWith("Fn::")) {
      const message = `${name} in the ${section} section is not supported by chubo`;
      problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, keyPlace, "write its result out"));
    } else if (!/^[A-Za-z0-9]{1,255}$/.test(name)) {
      const message = `Template format error: ${noun[section]} name ${name} is non alphanumeric.`;
      problems.push(structureProblem(message, keyPlace, "use letters and digits only"));
    } else if (value.kind !== "map") {
      problems.push(structureProblem(notMapMessage(section, name), keyPlace));
    } else members.push({ name, map: value, keyPlace });
  }
  return members;
}

function notSectionMessage(section: string, node: TemplateNode): string {
  if (node.kind === "call") return `${node.name} in the ${section} section is not supported by chubo`;
  return section === "Resources"
    ? "Template format error: At least one Resources member must be defined."
    : `Template format error: ${section} section must be a map`;
}

function notMapMessage(section: string, name: string): string {
  if (section === "Mappings") return `Template format error: Every Mappings member ${name} must be a map`;
  return `Template format error: Any ${section} member must be an object.`;
}

/** Members of a resource, parameter or output that CloudFormation does not know. */
export function checkKnownKeys(
  map: MapNode<TemplateNode>,
  known: readonly string[],
  describe: (key: string) => string,
  problems: UsageError[],
): void {
  for (const [key, { keyPlace }] of map.entries) {
    if (!known.includes(key)) problems.push(structureProblem(describe(key), keyPlace, suggestName(key, known)));
  }
}

export function structureProblem(message: string, place: NodePlace, hint?: string): UsageError {
  return templateProblem("TEMPLATE_STRUCTURE", message, place, hint);
}

/** The condition that a resource or output names. */
export function readCondition(
  map: MapNode<TemplateNode>,
  problems: UsageError[],
): { name: string; place: NodePlace } | undefined {
  const node = findEntry(map, "Condition");
  if (node === undefined) return undefined;
  const name = findText(node);
  if (name !== undefined) return { name, place: node.place };
  problems.push(structureProblem("Template format error: Every Condition member must be a string.", node.place));
  return undefined;
}
