import type { SecretBox } from "../../store/secret-box.ts";
import { type EvaluationScope, evaluate } from "../../template/evaluate.ts";
import { findPath } from "../../template/find-path.ts";
import { parseTemplate } from "../../template/parse-template.ts";
import { type PreparedResource, type PreparedTemplate, prepareTemplate } from "../../template/prepare-template.ts";
import { resourceTypeCatalogue } from "../../template/resource-type.ts";
import type { Template } from "../../template/template.ts";
import { TemplateError, templateProblem } from "../../template/template-error.ts";
import { findText } from "../../template/template-node.ts";
import type { UsageError } from "../../usage-error.ts";
import type { CloudFormationStore } from "./cloudformation-store.ts";
import type { ResourceProvider } from "./resource-provider.ts";
import { maskUsageError, type SecretMask, secretMask } from "./secret-mask.ts";
import type { StackCaller } from "./stack.ts";

export interface PlanRequest {
  name: string;
  stackId: string;
  template: string;
  parsed?: Template | undefined;
  /** Only for the places in errors. */
  file?: string | undefined;
  parameters: Readonly<Record<string, string>>;
  /** Exports of stacks that will be made before this one. */
  expectedExports?: ReadonlySet<string> | undefined;
}

export interface PlanContext {
  caller: StackCaller;
  providers: readonly ResourceProvider[];
  store: CloudFormationStore;
  secretBox: SecretBox;
  dynamicServices: readonly string[];
  findStoredParameter?: ((name: string) => Promise<string | undefined>) | undefined;
}

/** A stack that can be made: all that can be checked before the first resource is created has been checked. */
export interface StackPlan {
  template: Template;
  prepared: PreparedTemplate;
  providers: ReadonlyMap<string, ResourceProvider>;
  findExport: EvaluationScope["findExport"];
  /** Each parameter's text: the given one or the default. */
  parameters: Record<string, string>;
  shownParameters: { key: string; value: string }[];
  imports: string[];
  /** As far as they are known before creation. */
  exportNames: string[];
  mask: SecretMask;
}

/** Throws a TemplateError with every problem of template and parameters. */
export async function planStack(request: PlanRequest, context: PlanContext): Promise<StackPlan> {
  const template = request.parsed ?? parseTemplate(request.template, request.file);
  const parameters = effectiveParameters(template, request.parameters);
  const declarations = [...template.parameters.values()];
  const secrets = declarations.filter(({ noEcho }) => noEcho).map(({ name }) => parameters[name] ?? "");
  const mask = secretMask(secrets);
  const imports = new Set<string>();
  const findExport = exportLookup(context, mask);
  const providers = new Map(context.providers.map((provider) => [provider.type, provider]));
  try {
    const prepared = await prepareTemplate(template, {
      given: request.parameters,
      pseudo: pseudoParameters(request, context.caller),
      catalogue: resourceTypeCatalogue(),
      types: [...providers.keys()],
      findStored: context.findStoredParameter,
      dynamicServices: context.dynamicServices,
      findExport(name) {
        imports.add(name);
        return findExport(name);
      },
      willExport: (name) => request.expectedExports?.has(name) === true,
    });
    const unsupported = prepared.resources.flatMap((resource) => unsupportedProperties(resource, providers));
    if (unsupported.length > 0) throw new TemplateError(unsupported);
    const shownParameters = declarations.map(({ name, noEcho }) => ({
      key: name,
      value: noEcho ? "****" : (parameters[name] ?? ""),
    }));
    return {
      template,
      prepared,
      providers,
      findExport,
      parameters,
      shownParameters,
      imports: [...imports],
      exportNames: [...prepared.exportNames],
      mask,
    };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(error.problems.map((problem) => maskUsageError(problem, secrets)));
  }
}

function effectiveParameters(template: Template, given: Readonly<Record<string, string>>): Record<string, string> {
  const effective: Record<string, string> = {};
  for (const { name, default: fallback } of template.parameters.values()) {
    const value = Object.hasOwn(given, name) ? given[name] : fallback;
    if (value !== undefined) effective[name] = value;
  }
  return effective;
}

function pseudoParameters({ name, stackId }: PlanRequest, { account, region }: StackCaller) {
  return {
    "AWS::AccountId": account,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": name,
    "AWS::StackId": stackId,
    "AWS::NotificationARNs": [],
  };
}

function exportLookup({ store, caller, secretBox }: PlanContext, mask: SecretMask): EvaluationScope["findExport"] {
  return (name) => {
    const stacks = store.listStacks(caller.region).filter(({ status }) => status !== "DELETE_COMPLETE");
    const found = stacks.flatMap(({ outputs }) => outputs).find(({ exportName }) => exportName === name);
    if (found?.sealedValue === undefined) return found?.value;
    const value = secretBox.open(found.sealedValue);
    mask.add(value);
    return value;
  };
}

function unsupportedProperties(
  { declaration, checked, properties }: PreparedResource,
  providers: StackPlan["providers"],
): UsageError[] {
  const found = providers.get(declaration.type)?.findUnsupported?.(checked) ?? [];
  return found.map(({ path, reason }) => {
    const message = `the property {${path}} of ${declaration.type} is not supported by chubo`;
    return templateProblem("TEMPLATE_UNSUPPORTED", message, findPath(properties, path), reason);
  });
}

/** The value of an output, as text. */
export function outputText(plan: StackPlan, node: Parameters<typeof evaluate>[0], scope: EvaluationScope): string {
  const value = evaluate(node, scope);
  const text = findText(value);
  if (text !== undefined) return text;
  const message = "Template format error: Output value must be a string";
  throw templateProblem("TEMPLATE_FUNCTION", message, value?.place ?? plan.template.root.place);
}
