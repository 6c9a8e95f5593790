import type { UsageError } from "../usage-error.ts";
import { parseDocumentNode } from "./parse-document.ts";
import { readParameters } from "./read-parameters.ts";
import { readResources } from "./read-resources.ts";
import { readConditions, readMappings, readOutputs, readRules } from "./read-sections.ts";
import { suggestName } from "./suggest-name.ts";
import type { Template } from "./template.ts";
import { templateProblem, throwProblems } from "./template-error.ts";
import { findEntry, findText, type MapNode, type TemplateNode } from "./template-node.ts";
import { templateSource } from "./template-source.ts";

const sections = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Transform",
  "Resources",
  "Outputs",
  "Hooks",
];

/**
 * Reads a template's text, YAML or JSON. `file` is only for the places in errors.
 * Throws a TemplateError with every problem of syntax and structure; see check-template.ts for the others.
 */
export function parseTemplate(text: string, file?: string): Template {
  const source = templateSource(text, file);
  const root = parseDocumentNode(source);
  if (root.kind !== "map") {
    const message = "Template format error: unsupported structure.";
    throwProblems([templateProblem("TEMPLATE_SYNTAX", message, root.place, "a template is a map with Resources")]);
  }
  const problems: UsageError[] = [];
  const map = root as MapNode<TemplateNode>;
  checkSections(map, problems);
  const template: Template = {
    source,
    root: map,
    description: findText(findEntry(map, "Description")),
    metadata: findEntry(map, "Metadata"),
    parameters: readParameters(findEntry(map, "Parameters"), problems),
    mappings: readMappings(findEntry(map, "Mappings"), problems),
    conditions: readConditions(findEntry(map, "Conditions"), problems),
    rules: readRules(findEntry(map, "Rules"), problems),
    resources: readResources(findEntry(map, "Resources"), problems),
    outputs: readOutputs(findEntry(map, "Outputs"), problems),
  };
  const isEmpty = template.resources.size === 0 && problems.length === 0;
  if (isEmpty) {
    const message = "Template format error: At least one Resources member must be defined.";
    problems.push(templateProblem("TEMPLATE_STRUCTURE", message, map.place));
  }
  throwProblems(problems);
  return template;
}

function checkSections(root: MapNode<TemplateNode>, problems: UsageError[]): void {
  for (const [key, { keyPlace, value }] of root.entries) {
    if (!sections.includes(key)) {
      const message = `Invalid template property or properties [${key}]`;
      problems.push(templateProblem("TEMPLATE_STRUCTURE", message, keyPlace, suggestName(key, sections)));
    }
    if (key === "Transform" || key === "Hooks") {
      const named = findText(value);
      const message = `${key}${named === undefined ? "" : ` ${named}`} is not supported by chubo`;
      problems.push(templateProblem("TEMPLATE_UNSUPPORTED", message, keyPlace, "use a template without it"));
    }
  }
  const version = findEntry(root, "AWSTemplateFormatVersion");
  if (version !== undefined && findText(version) !== "2010-09-09") {
    const message = `Template format error: unsupported value for AWSTemplateFormatVersion.`;
    problems.push(templateProblem("TEMPLATE_STRUCTURE", message, version.place, "the only version is 2010-09-09"));
  }
}
