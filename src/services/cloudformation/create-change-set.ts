import type * as Sdk from "@aws-sdk/client-cloudformation";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { StackEngine } from "./cloudformation.ts";
import { newStackRecord } from "./new-stack-record.ts";
import { checkCapabilities } from "./required-capabilities.ts";
import type { ChangeSetRecord, StackCaller, StackRecord } from "./stack.ts";
import {
  asValidationError,
  checkStackName,
  parametersOf,
  refuseMembers,
  tagsOf,
  templateOf,
  validationError,
} from "./stack-input.ts";
import { changeSetArn, stackArn } from "./stack-names.ts";
import { recordStack } from "./stack-recorder.ts";
import { isUnchanged, updateRefusal } from "./update-stack.ts";

const unsupportedMembers = ["NotificationARNs", "ResourceTypes", "RoleARN", "ResourcesToImport", "IncludeNestedStacks"];

/** What AWS says of a change set that changes nothing. */
const unchanged =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/**
 * Of a stack that is not there, or under review, a set of additions; the stack is then in REVIEW_IN_PROGRESS. Of one
 * that is there, a FAILED set where nothing changes; a set of changes is refused, as stacks cannot be updated.
 */
export async function createChangeSet(
  input: Sdk.CreateChangeSetCommandInput,
  caller: StackCaller,
  engine: StackEngine,
): Promise<{ Id: string; StackId: string }> {
  refuseMembers(input, [...unsupportedMembers, "RollbackConfiguration", "ImportExistingResources"]);
  const name = input.StackName?.startsWith("arn:") ? input.StackName : checkStackName(input.StackName);
  const existing = engine.store.findStack(name, caller.region);
  const isNew = existing === undefined || existing.status === "REVIEW_IN_PROGRESS";
  const type = input.ChangeSetType ?? "UPDATE";
  if (type === "IMPORT") throw validationError("Chubo does not support change sets of the type IMPORT");
  if (type === "UPDATE" && isNew) throw validationError(`Stack [${name}] does not exist`);
  if (type === "CREATE" && !isNew) {
    throw validationError(
      `Stack [${name}] already exists and cannot be created again with the changeSet [${input.ChangeSetName}].`,
    );
  }
  if (existing !== undefined) refuseTaken(input.ChangeSetName, existing, engine);
  const changeSet = isNew
    ? await createAdditions(input, existing, caller, engine)
    : await createUnchanged(input, existing, caller, engine);
  engine.store.putChangeSet(changeSet);
  return { Id: changeSet.id, StackId: changeSet.stackId };
}

function refuseTaken(name: string | undefined, stack: StackRecord, { store }: StackEngine): void {
  if (store.findChangeSet(name ?? "", stack.id) === undefined) return;
  throw new AwsError("AlreadyExistsException", `ChangeSet ${name} cannot be created, as one of this name exists`);
}

async function createAdditions(
  input: Sdk.CreateChangeSetCommandInput,
  existing: StackRecord | undefined,
  caller: StackCaller,
  engine: StackEngine,
): Promise<ChangeSetRecord> {
  const { store, options } = engine;
  const template = await templateOf(input, caller, engine);
  const stackName = existing?.name ?? (input.StackName as string);
  const stackId = existing?.id ?? stackArn(stackName, caller, options.newUuid());
  const request = { name: stackName, stackId, template, parameters: parametersOf(input.Parameters) };
  const plan = await asValidationError(() => engine.planStack(request, caller));
  const capabilities = input.Capabilities ?? [];
  checkCapabilities(plan.template, capabilities);
  const tags = tagsOf(input.Tags);
  if (existing === undefined) {
    const stack = newStackRecord({ stackId, name: stackName, template, capabilities, tags }, plan, caller, options);
    recordStack(stack, { ...options, store }).setStatus("REVIEW_IN_PROGRESS", "User Initiated");
  }
  return {
    ...changeSetNames(input, { id: stackId, name: stackName }, caller, engine),
    status: "CREATE_COMPLETE",
    executionStatus: "AVAILABLE",
    template,
    parameters: plan.shownParameters,
    sealedParameters: options.secretBox.seal(JSON.stringify(plan.parameters)),
    ...{ capabilities, tags, onFailure: input.OnStackFailure ?? "ROLLBACK" },
    changes: plan.prepared.resources.map(({ declaration: { logicalId, type } }) => ({ logicalId, type })),
  };
}

async function createUnchanged(
  input: Sdk.CreateChangeSetCommandInput,
  stack: StackRecord,
  caller: StackCaller,
  engine: StackEngine,
): Promise<ChangeSetRecord> {
  if (stack.status !== "CREATE_COMPLETE") {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
  if (!(await isUnchanged(input, stack, caller, engine))) throw validationError(updateRefusal(stack));
  const { template, parameters, sealedParameters, tags, onFailure } = stack;
  return {
    ...changeSetNames(input, stack, caller, engine),
    status: "FAILED",
    statusReason: unchanged,
    executionStatus: "UNAVAILABLE",
    ...{ template, parameters, sealedParameters, tags, onFailure, capabilities: input.Capabilities ?? [] },
    changes: [],
  };
}

function changeSetNames(
  input: Sdk.CreateChangeSetCommandInput,
  stack: Pick<StackRecord, "id" | "name">,
  caller: StackCaller,
  { options }: StackEngine,
) {
  const name = input.ChangeSetName ?? "";
  return {
    id: changeSetArn(name, caller, options.newUuid()),
    name,
    stackId: stack.id,
    stackName: stack.name,
    ...(input.Description !== undefined && { description: input.Description }),
    created: options.now().getTime(),
  };
}
