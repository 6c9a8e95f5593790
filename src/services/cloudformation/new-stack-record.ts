import type { CloudFormationOptions } from "./cloudformation.ts";
import type { StackPlan } from "./plan-stack.ts";
import type { StackCaller, StackRecord } from "./stack.ts";

/** What the caller of a new stack has said, beside template and parameters. */
export interface NewStack {
  stackId: string;
  name: string;
  template: string;
  capabilities: readonly string[];
  tags?: StackRecord["tags"];
  onFailure?: StackRecord["onFailure"];
  hasTerminationProtection?: boolean;
  clientRequestToken?: string | undefined;
  changeSetId?: string | undefined;
}

/** The record of a stack of which nothing is made yet. */
export function newStackRecord(
  stack: NewStack,
  plan: StackPlan,
  { account, region }: StackCaller,
  { secretBox, now }: Pick<CloudFormationOptions, "secretBox" | "now">,
): StackRecord {
  const { description } = plan.template;
  return {
    id: stack.stackId,
    ...{ name: stack.name, account, region },
    status: "REVIEW_IN_PROGRESS",
    created: now().getTime(),
    template: stack.template,
    ...(description !== undefined && { description }),
    parameters: plan.shownParameters,
    sealedParameters: secretBox.seal(JSON.stringify(plan.parameters)),
    capabilities: [...stack.capabilities],
    tags: stack.tags ?? [],
    outputs: [],
    imports: plan.imports,
    resources: [],
    onFailure: stack.onFailure ?? "ROLLBACK",
    hasTerminationProtection: stack.hasTerminationProtection ?? false,
    ...(stack.clientRequestToken !== undefined && { clientRequestToken: stack.clientRequestToken }),
    ...(stack.changeSetId !== undefined && { changeSetId: stack.changeSetId }),
    eventCount: 0,
  };
}
