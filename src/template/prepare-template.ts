import type { UsageError } from "../usage-error.ts";
import { type CheckedProperties, checkProperties } from "./check-properties.ts";
import { checkTemplate, type TemplateSupport, unresolved } from "./check-template.ts";
import { conditionLookup } from "./conditions.ts";
import { dependencyGraph, dependencyOrder } from "./dependency-graph.ts";
import { dynamicReferenceProblems, withoutDynamicReferences } from "./dynamic-reference.ts";
import { type EvaluationScope, evaluate, type PseudoParameters } from "./evaluate.ts";
import { type ParameterValue, resolveParameters, type StoredParameterSource } from "./resolve-parameters.ts";
import { checkRules } from "./rules.ts";
import type { OutputDeclaration, ResourceDeclaration, Template } from "./template.ts";
import { collectProblems, TemplateError, throwProblems } from "./template-error.ts";
import { findText, type MapNode, type ResolvedNode } from "./template-node.ts";

export interface PrepareRequest extends TemplateSupport {
  given: Readonly<Record<string, string>>;
  pseudo: PseudoParameters;
  findStored?: StoredParameterSource | undefined;
  /** Services whose `{{resolve:…}}` can be read when a resource is created. */
  dynamicServices: readonly string[];
  findExport: EvaluationScope["findExport"];
  willExport: EvaluationScope["willExport"];
}

/** A template with its parameters, ready to be created: nothing that can be known before is wrong with it. */
export interface PreparedTemplate {
  template: Template;
  parameters: ReadonlyMap<string, ParameterValue>;
  pseudo: PseudoParameters;
  /** Resources whose condition holds, dependencies first. */
  resources: readonly PreparedResource[];
  /** Outputs whose condition holds. */
  outputs: readonly OutputDeclaration[];
  isTrue: EvaluationScope["isTrue"];
  /** Names of its exports, as far as they are known before creation. */
  exportNames: readonly string[];
}

export interface PreparedResource {
  declaration: ResourceDeclaration;
  /** Logical IDs of the resources that must be there before. */
  dependencies: readonly string[];
  /** Evaluated as far as known before creation. */
  properties: MapNode<ResolvedNode>;
  checked: Record<string, unknown>;
}

/** Throws a TemplateError with all that is wrong. */
export async function prepareTemplate(template: Template, request: PrepareRequest): Promise<PreparedTemplate> {
  const problems = checkTemplate(template, request);
  const parameters = await findParameters(template, request, problems);
  // A blank is a value like another one to the checks that follow; what else is wrong would only be its echo.
  const isSound = problems.every(({ code }) => code === "TEMPLATE_BLANK_LEFT");
  if (parameters === undefined || !isSound) throw new TemplateError(problems);

  const { pseudo } = request;
  const isTrue = conditionLookup({ template, parameters, pseudo });
  const context: Preparation = { template, parameters, pseudo, isTrue, request, problems };
  problems.push(...checkRules({ template, parameters, pseudo, isTrue }));
  const holds = (part: Pick<ResourceDeclaration, "condition">) =>
    collectProblems(problems, () => part.condition === undefined || isTrue(part.condition.name, part.condition.place));
  const live = new Map([...template.resources].filter(([, resource]) => holds(resource)));
  const outputs = [...template.outputs.values()].filter(holds);
  const resources = collectProblems(problems, () => orderResources(live, context)) ?? [];
  const exportNames = outputs.flatMap((output) => checkOutput(output, live, context));
  throwProblems(problems.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0)));
  return { template, parameters, pseudo, isTrue, resources, outputs, exportNames };
}

interface Preparation extends Pick<PreparedTemplate, "template" | "parameters" | "pseudo" | "isTrue"> {
  request: PrepareRequest;
  problems: UsageError[];
}

async function findParameters(template: Template, request: PrepareRequest, problems: UsageError[]) {
  try {
    return await resolveParameters(template, request.given, request.findStored);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

type LiveResources = ReadonlyMap<string, ResourceDeclaration>;

function orderResources(live: LiveResources, context: Preparation): PreparedResource[] {
  const graph = dependencyGraph(context.template, live, context.isTrue);
  return dependencyOrder(graph).map((logicalId) => {
    const declaration = live.get(logicalId) as ResourceDeclaration;
    const scope = unknownScope("Resources", live, context);
    const evaluated = collectProblems(context.problems, () => evaluateProperties(declaration, scope));
    const properties = evaluated ?? emptyProperties(declaration);
    context.problems.push(...dynamicReferenceProblems(properties, context.request.dynamicServices));
    const { problems, properties: checked } = checkResource(declaration, properties, context.request);
    if (evaluated !== undefined) context.problems.push(...problems);
    return { declaration, dependencies: [...(graph.get(logicalId)?.keys() ?? [])], properties, checked };
  });
}

function checkResource(
  { type }: ResourceDeclaration,
  properties: MapNode<ResolvedNode>,
  { catalogue }: PrepareRequest,
): CheckedProperties {
  const specification = catalogue.findType(type);
  if (specification === undefined) throw new TypeError(`${type} has a provider and no specification`);
  const known = withoutDynamicReferences(properties) as MapNode<ResolvedNode>;
  return checkProperties(known, specification, catalogue);
}

/** The name of its export, where it has one that is known. */
function checkOutput(output: OutputDeclaration, live: LiveResources, context: Preparation): string[] {
  const scope = unknownScope("Outputs", live, context);
  const { exportName } = output;
  collectProblems(context.problems, () => evaluate(output.value, scope));
  if (exportName === undefined) return [];
  const name = findText(collectProblems(context.problems, () => evaluate(exportName, scope)));
  return name === undefined ? [] : [name];
}

/** Before anything is created: a resource that will be is unknown, one whose condition does not hold is an error. */
function unknownScope(block: "Resources" | "Outputs", live: LiveResources, context: Preparation): EvaluationScope {
  const { template, parameters, pseudo, isTrue } = context;
  return {
    ...{ template, parameters, pseudo, isTrue },
    findExport: context.request.findExport,
    willExport: context.request.willExport,
    ref(logicalId, place) {
      if (!live.has(logicalId)) throw unresolved(logicalId, block, template, place);
      return undefined;
    },
    getAtt(logicalId, _attribute, place) {
      if (!live.has(logicalId)) throw unresolved(logicalId, block, template, place);
      return undefined;
    },
  };
}

/** The properties of a resource, evaluated in a scope that may know the resources before it. */
export function evaluateProperties(declaration: ResourceDeclaration, scope: EvaluationScope): MapNode<ResolvedNode> {
  const { properties } = declaration;
  if (properties === undefined) return emptyProperties(declaration);
  const evaluated = evaluate(properties, scope);
  if (evaluated?.kind !== "map") throw new TypeError("properties that are a map evaluate to a map");
  return { ...evaluated, place: declaration.place };
}

function emptyProperties({ place }: ResourceDeclaration): MapNode<ResolvedNode> {
  return { kind: "map", entries: new Map(), place };
}
