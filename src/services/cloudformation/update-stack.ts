import type * as Sdk from "@aws-sdk/client-cloudformation";
import type { StackEngine } from "./cloudformation.ts";
import { checkCapabilities } from "./required-capabilities.ts";
import type { StackCaller, StackRecord } from "./stack.ts";
import { asValidationError, parametersOf, tagsOf, templateOf, validationError } from "./stack-input.ts";

/** Only what AWS refuses as well: an update that changes nothing. Any other is refused as not supported. */
export async function updateStack(
  input: Sdk.UpdateStackCommandInput,
  caller: StackCaller,
  engine: StackEngine,
): Promise<never> {
  const stack = engine.store.getStack(input.StackName, caller.region);
  if (stack.status !== "CREATE_COMPLETE") {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
  if (await isUnchanged(input, stack, caller, engine)) throw validationError("No updates are to be performed.");
  throw validationError(updateRefusal(stack));
}

export function updateRefusal({ name }: StackRecord): string {
  return `Chubo cannot update stacks yet: delete the stack ${name} and create it again`;
}

/** Whether template, parameters and tags are the stack's own. Throws ValidationError for what could be no stack at all. */
export async function isUnchanged(
  input: Sdk.UpdateStackCommandInput | Sdk.CreateChangeSetCommandInput,
  stack: StackRecord,
  caller: StackCaller,
  engine: StackEngine,
): Promise<boolean> {
  const { secretBox } = engine.options;
  const template = await templateOf(input, caller, engine, stack);
  const previous = JSON.parse(secretBox.open(stack.sealedParameters)) as Record<string, string>;
  const parameters = parametersOf(input.Parameters, previous);
  const request = { name: stack.name, stackId: stack.id, template, parameters };
  const plan = await asValidationError(() => engine.planStack(request, caller));
  checkCapabilities(plan.template, input.Capabilities ?? []);
  const { isSameStack } = await import("./same-stack.ts");
  const hasSameTags = input.Tags === undefined || JSON.stringify(tagsOf(input.Tags)) === JSON.stringify(stack.tags);
  return hasSameTags && isSameStack(stack, plan, secretBox);
}
