import type { UsageError } from "../usage-error.ts";
import type { Template } from "./template.ts";
import { templateProblem } from "./template-error.ts";
import type { ScalarNode, TemplateNode } from "./template-node.ts";
import type { TemplateSource } from "./template-source.ts";

/**
 * Blanks that a template's author left for its user, such as `《バケット名》`: U+300A … U+300B, in no value that AWS
 * knows. Texts for people are not looked at: there the brackets are quotation marks.
 */
export function findBlanks(template: Template): UsageError[] {
  const problems: UsageError[] = [];
  const visit = (node: TemplateNode | undefined) => {
    if (node === undefined) return;
    if (node.kind === "scalar") problems.push(...blanksIn(node, template.source));
    else if (node.kind === "list") node.items.forEach(visit);
    else if (node.kind === "call") visit(node.argument);
    else for (const [key, { value }] of node.entries) if (key !== "Description") visit(value);
  };
  for (const resource of template.resources.values()) visit(resource.properties);
  for (const output of template.outputs.values()) visit(output.value);
  return problems;
}

function blanksIn(node: ScalarNode, source: TemplateSource): UsageError[] {
  // In the source instead of the value: there the place is, also inside a block of many lines.
  const written = source.text.slice(node.place.start, node.place.end);
  return [...written.matchAll(/《[^《》\n]*》/g)].map((match) => {
    const place = source.placeAt(node.place.start + match.index);
    const message = `a blank is left in the template: ${match[0]}`;
    return templateProblem("TEMPLATE_BLANK_LEFT", message, place, `replace ${match[0]} by your own value`);
  });
}
