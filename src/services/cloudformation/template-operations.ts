import type * as Sdk from "@aws-sdk/client-cloudformation";
import type { Operations } from "../../aws-api/service.ts";
import type { StackEngine } from "./cloudformation.ts";
import { requiredCapability } from "./required-capabilities.ts";
import type { StackCaller } from "./stack.ts";
import { asValidationError, onAnything, onStack, templateOf, validationError } from "./stack-input.ts";

/** Operations on templates rather than on stacks. */
export function templateOperations(engine: StackEngine): Operations<typeof Sdk> {
  return {
    GetTemplate: {
      permissions: onStack("GetTemplate"),
      run({ StackName: stack, ChangeSetName: changeSet, TemplateStage: stage }, { region }) {
        if (stage === "Processed")
          throw validationError("Chubo keeps the Original template only: it has no transforms");
        const { store } = engine;
        const holder =
          changeSet === undefined ? store.getStack(stack, region) : store.getChangeSet(changeSet, stack, region);
        return { TemplateBody: holder.template, StagesAvailable: ["Original"] };
      },
    },
    GetTemplateSummary: {
      permissions: onStack("GetTemplateSummary"),
      async run(input, context) {
        const stack =
          input.StackName === undefined ? undefined : engine.store.getStack(input.StackName, context.region);
        const text = stack?.template ?? (await templateOf(input, context, engine));
        return asValidationError(() => summarizeTemplate(text));
      },
    },
    ValidateTemplate: {
      permissions: onAnything("ValidateTemplate"),
      async run(input, context) {
        const text = await templateOf(input, context, engine);
        return asValidationError(() => validateTemplate(text, context, engine));
      },
    },
  };
}

async function validateTemplate(text: string, caller: StackCaller, { options }: StackEngine) {
  const { parseTemplate } = await import("../../template/parse-template.ts");
  const { checkTemplate } = await import("../../template/check-template.ts");
  const { resourceTypeCatalogue } = await import("../../template/resource-type.ts");
  const { throwProblems } = await import("../../template/template-error.ts");
  const template = parseTemplate(text);
  const types = options.providersFor(caller).map(({ type }) => type);
  throwProblems(checkTemplate(template, { catalogue: resourceTypeCatalogue(), types }));
  const required = requiredCapability(template);
  return {
    Description: template.description,
    Parameters: [...template.parameters.values()].map((parameter) => ({
      ParameterKey: parameter.name,
      DefaultValue: parameter.default,
      NoEcho: parameter.noEcho,
      Description: parameter.description,
    })),
    ...(required !== undefined && { Capabilities: [required.capability], CapabilitiesReason: required.reason }),
  };
}

async function summarizeTemplate(text: string) {
  const { parseTemplate } = await import("../../template/parse-template.ts");
  const { toPlain } = await import("../../template/template-node.ts");
  const template = parseTemplate(text);
  const required = requiredCapability(template);
  return {
    Description: template.description,
    Version: template.root.entries.has("AWSTemplateFormatVersion") ? "2010-09-09" : undefined,
    Metadata: template.metadata === undefined ? undefined : JSON.stringify(toPlain(template.metadata)),
    Parameters: [...template.parameters.values()].map((parameter) => ({
      ParameterKey: parameter.name,
      DefaultValue: parameter.default,
      ParameterType: parameter.type,
      NoEcho: parameter.noEcho,
      Description: parameter.description,
      ParameterConstraints: { AllowedValues: parameter.allowedValues && [...parameter.allowedValues] },
    })),
    ResourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
    ...(required !== undefined && { Capabilities: [required.capability], CapabilitiesReason: required.reason }),
  };
}
