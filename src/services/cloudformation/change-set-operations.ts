import type * as Sdk from "@aws-sdk/client-cloudformation";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Operations } from "../../aws-api/service.ts";
import type { StackEngine } from "./cloudformation.ts";
import { createChangeSet } from "./create-change-set.ts";
import { newStackRecord } from "./new-stack-record.ts";
import type { ChangeSetRecord, StackCaller } from "./stack.ts";
import { asValidationError, onStack, refuseMembers } from "./stack-input.ts";

/** Change sets that make a new stack, which is what `aws cloudformation deploy` uses, and those that change nothing. */
export function changeSetOperations(engine: StackEngine): Operations<typeof Sdk> {
  const { store } = engine;
  return {
    CreateChangeSet: {
      permissions: onStack("CreateChangeSet"),
      run: (input, context) => createChangeSet(input, context, engine),
    },
    DescribeChangeSet: {
      permissions: onStack("DescribeChangeSet"),
      run: ({ ChangeSetName: name, StackName: stack }, { region }) =>
        describeChangeSet(store.getChangeSet(name, stack, region)),
    },
    ExecuteChangeSet: {
      permissions: onStack("ExecuteChangeSet"),
      run: (input, context) => executeChangeSet(input, context, engine),
    },
    DeleteChangeSet: {
      permissions: onStack("DeleteChangeSet"),
      run({ ChangeSetName: name, StackName: stack }, { region }) {
        store.deleteChangeSet(store.getChangeSet(name, stack, region));
        return {};
      },
    },
    ListChangeSets: {
      permissions: onStack("ListChangeSets"),
      run: ({ StackName: stack }, { region }) => ({
        Summaries: store.listChangeSets(store.getStack(stack, region).id).map(changeSetMembers),
      }),
    },
  };
}

async function executeChangeSet(input: Sdk.ExecuteChangeSetCommandInput, caller: StackCaller, engine: StackEngine) {
  const { store, options } = engine;
  refuseMembers(input, ["RetainExceptOnCreate"]);
  const changeSet = store.getChangeSet(input.ChangeSetName, input.StackName, caller.region);
  refuseUnavailable(changeSet);
  const plan = await asValidationError(() =>
    engine.planStack(
      {
        ...{ name: changeSet.stackName, stackId: changeSet.stackId, template: changeSet.template },
        parameters: JSON.parse(options.secretBox.open(changeSet.sealedParameters)) as Record<string, string>,
      },
      caller,
    ),
  );
  const current = store.getChangeSet(changeSet.id, changeSet.stackId, caller.region);
  refuseUnavailable(current);
  store.putChangeSet({ ...current, executionStatus: "EXECUTE_COMPLETE" });
  const { stackId, stackName, template, capabilities, tags } = changeSet;
  const reviewed = store.getStack(stackId, caller.region);
  const stack = newStackRecord(
    {
      ...{ stackId, name: stackName, template, capabilities, tags, changeSetId: changeSet.id },
      onFailure: input.DisableRollback === true ? "DO_NOTHING" : changeSet.onFailure,
      clientRequestToken: input.ClientRequestToken,
    },
    plan,
    caller,
    options,
  );
  engine.startCreation({ ...stack, created: reviewed.created, eventCount: reviewed.eventCount }, plan, caller);
  return {};
}

function refuseUnavailable({ id, status, executionStatus }: ChangeSetRecord): void {
  if (executionStatus === "AVAILABLE") return;
  const message = `ChangeSet [${id}] cannot be executed in its current status of [${status}]`;
  throw new AwsError("InvalidChangeSetStatus", message);
}

function changeSetMembers(changeSet: ChangeSetRecord) {
  return {
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    StackId: changeSet.stackId,
    StackName: changeSet.stackName,
    Description: changeSet.description,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    ExecutionStatus: changeSet.executionStatus,
    CreationTime: new Date(changeSet.created),
  };
}

function describeChangeSet(changeSet: ChangeSetRecord) {
  return {
    ...changeSetMembers(changeSet),
    Parameters: changeSet.parameters.map(({ key, value }) => ({ ParameterKey: key, ParameterValue: value })),
    Capabilities: changeSet.capabilities as Sdk.Capability[],
    Tags: changeSet.tags.map(({ key, value }) => ({ Key: key, Value: value })),
    NotificationARNs: [],
    RollbackConfiguration: {},
    OnStackFailure: changeSet.onFailure,
    Changes: changeSet.changes.map(({ logicalId, type }) => ({
      Type: "Resource" as const,
      ResourceChange: {
        Action: "Add" as const,
        LogicalResourceId: logicalId,
        ResourceType: type,
        Scope: [],
        Details: [],
      },
    })),
  };
}
