import { checkProperties } from "../../template/check-properties.ts";
import { type EvaluationScope, evaluate } from "../../template/evaluate.ts";
import { evaluateProperties, prepareTemplate } from "../../template/prepare-template.ts";
import type { ResourceTypeCatalogue } from "../../template/resource-type.ts";
import type { Template } from "../../template/template.ts";
import { throwProblems } from "../../template/template-error.ts";
import { findText } from "../../template/template-node.ts";

/** What `Ref` and `Fn::GetAtt` return for a resource that has been made. */
export interface MadeResource {
  ref: string;
  attributes: Record<string, string>;
}

export type MadeResources = ReadonlyMap<string, MadeResource>;

/** A checked template with its parameters: what is to be made, one resource after the other. */
export interface StackPlan {
  /** Logical IDs of the resources whose condition holds, each after all that it needs. */
  order: string[];
  /** Throws a TemplateError for what shows itself wrong only now that the resources before are made. */
  properties(logicalId: string, made: MadeResources): Record<string, unknown>;
  outputs(made: MadeResources): Record<string, string>;
}

export interface PlanOptions {
  parameters: Record<string, string>;
  pseudo: { account: string; region: string; stackName: string; stackId: string };
  catalogue: ResourceTypeCatalogue;
  /** Types that have a provider. */
  types: readonly string[];
}

/** Throws a TemplateError with everything that can be known to be wrong before anything is made. */
export async function planStack(template: Template, options: PlanOptions): Promise<StackPlan> {
  const { catalogue, types, pseudo } = options;
  const prepared = await prepareTemplate(template, {
    given: options.parameters,
    catalogue,
    types,
    hasDynamicReferences: false,
    pseudo: {
      "AWS::AccountId": pseudo.account,
      "AWS::Region": pseudo.region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": pseudo.stackName,
      "AWS::StackId": pseudo.stackId,
      "AWS::NotificationARNs": [],
    },
  });
  const scope = (made: MadeResources): EvaluationScope => ({
    ...prepared,
    ref: (logicalId) => made.get(logicalId)?.ref,
    getAtt: (logicalId, attribute) => made.get(logicalId)?.attributes[attribute],
  });
  return {
    order: prepared.resources.map(({ declaration }) => declaration.logicalId),
    properties(logicalId, made) {
      const declaration = template.resources.get(logicalId);
      const type = catalogue.findType(declaration?.type ?? "");
      if (declaration === undefined || type === undefined) throw new TypeError(`no plan for ${logicalId}`);
      const { properties, problems } = checkProperties(evaluateProperties(declaration, scope(made)), type, catalogue);
      throwProblems(problems);
      return properties;
    },
    outputs: (made) =>
      Object.fromEntries(
        prepared.outputs.map(({ name, value }) => [name, findText(evaluate(value, scope(made))) ?? ""]),
      ),
  };
}
