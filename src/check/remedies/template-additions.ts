import type { CodeBuildPlaces, TemplatePlaces } from "../build-job.ts";
import type { PlacedJob } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import {
  appendEntries,
  appendItems,
  type EditedDocument,
  insertEntryBefore,
  prependEntries,
} from "./collection-edit.ts";
import type { Entry, TemplateValue } from "./template-value.ts";

/** What a remedy adds to a template that has a CodeBuild project. */
export interface TemplateAdditions {
  parameters: readonly Entry[];
  resources: readonly Entry[];
  /** For the project's role. */
  statements: readonly { readonly [key: string]: TemplateValue }[];
  /** For the project's environment. */
  variables: readonly { readonly [key: string]: TemplateValue }[];
}

/** In the style that the template is written in, YAML's block or flow style or JSON; otherwise the reason why not. */
export function addToTemplate({ file, job }: PlacedJob, additions: TemplateAdditions): TextEdit[] | string {
  const { places, role } = job.codeBuild ?? {};
  if (places === undefined) return "no template of this directory has its project";
  const document: EditedDocument = { text: file.text, format: places.format };
  const taken = [...additions.parameters, ...additions.resources].find(([name]) => isDeclared(file.text, name));
  if (taken !== undefined) return `its template has a ${taken[0]} already`;
  if (role === undefined) return "its role is not in the template";
  const statements = addStatements(document, role.places, additions.statements);
  if (statements === undefined) return "its role's policies are no lists in the template";
  const variables = addVariables(document, places, additions.variables);
  if (variables === undefined) return "the project has no Environment that variables could be added to";
  return [...declare(document, places, additions), ...statements, ...variables];
}

function isDeclared(text: string, name: string): boolean {
  return new RegExp(`["']?\\b${name}["']?\\s*:`).test(text);
}

function declare(
  document: EditedDocument,
  { template }: CodeBuildPlaces,
  { parameters, resources }: TemplateAdditions,
): TextEdit[] {
  const edits: TextEdit[] = [];
  if (parameters.length > 0) {
    const known = template.parameters;
    edits.push(
      known === undefined || (known.isEmpty && !known.isFlow)
        ? insertEntryBefore(document, template.root, template.resourcesKey, [
            "Parameters",
            Object.fromEntries(parameters),
          ])
        : prependEntries(document, known, parameters),
    );
  }
  if (resources.length > 0)
    edits.push(spaced(document, template, prependEntries(document, template.resources, resources)));
  return edits;
}

/** With a blank line behind, where the template has some between its resources. */
function spaced({ text }: EditedDocument, { resources: { range, isFlow } }: TemplatePlaces, edit: TextEdit): TextEdit {
  const [, blank] = /\n(\r?\n)/.exec(text.slice(range.start, range.end)) ?? [];
  return isFlow || blank === undefined ? edit : { ...edit, text: edit.text + blank };
}

type RoleEditPlaces = NonNullable<NonNullable<PlacedJob["job"]["codeBuild"]>["role"]>["places"];

/** To the first policy that has a list of statements, or as a policy of its own. */
function addStatements(
  document: EditedDocument,
  places: RoleEditPlaces,
  statements: TemplateAdditions["statements"],
): TextEdit[] | undefined {
  if (statements.length === 0) return [];
  if (places?.statements !== undefined) return [appendItems(document, places.statements, statements)];
  const policy = {
    PolicyName: "docker-hub",
    PolicyDocument: { Version: "2012-10-17", Statement: statements },
  };
  if (places?.policies !== undefined) return [appendItems(document, places.policies, [policy])];
  return places?.properties && [appendEntries(document, places.properties, [["Policies", [policy]]])];
}

function addVariables(
  document: EditedDocument,
  { environment, environmentVariables }: CodeBuildPlaces,
  variables: TemplateAdditions["variables"],
): TextEdit[] | undefined {
  if (variables.length === 0) return [];
  if (environmentVariables !== undefined) return [appendItems(document, environmentVariables, variables)];
  return environment && [appendEntries(document, environment, [["EnvironmentVariables", variables]])];
}
