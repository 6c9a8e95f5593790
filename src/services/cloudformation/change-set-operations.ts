import type * as Sdk from "@aws-sdk/client-cloudformation";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Operations } from "../../aws-api/service.ts";
import { UsageError } from "../../usage-error.ts";
import type { CloudFormation } from "./cloudformation.ts";
import type { ChangeSetRecord, StackRecord } from "./stack.ts";
import { checkNewStack, deployRequest, onStack, validationError } from "./stack-input.ts";

const unchanged =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Change sets that make a new stack, which is what `aws cloudformation deploy` uses. A real update is refused. */
export function changeSetOperations(cloudFormation: CloudFormation, now: () => Date): Operations<typeof Sdk> {
  const { store, box } = cloudFormation;
  const get = (input: { StackName?: string | undefined; ChangeSetName?: string | undefined }) => {
    const stackId =
      input.ChangeSetName?.startsWith("arn:") === true && input.StackName === undefined
        ? stackOfChangeSet(cloudFormation, input.ChangeSetName)
        : store.getStack(input.StackName).id;
    const changeSet = store.findChangeSet(stackId, input.ChangeSetName);
    if (changeSet === undefined)
      throw new AwsError("ChangeSetNotFound", `ChangeSet [${input.ChangeSetName}] does not exist`);
    return { changeSet, stack: store.getStack(stackId) };
  };
  return {
    CreateChangeSet: {
      permissions: onStack("CreateChangeSet"),
      run: (input) => createChangeSet(cloudFormation, input, now().getTime()),
    },
    DescribeChangeSet: {
      permissions: onStack("DescribeChangeSet"),
      run(input) {
        const { changeSet, stack } = get(input);
        return describeChangeSet(changeSet, stack);
      },
    },
    ExecuteChangeSet: {
      permissions: onStack("ExecuteChangeSet"),
      async run(input) {
        const { changeSet, stack } = get(input);
        if (changeSet.executionStatus !== "AVAILABLE") {
          throw new AwsError(
            "InvalidChangeSetStatus",
            `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`,
          );
        }
        store.putChangeSet({ ...changeSet, executionStatus: "EXECUTE_COMPLETE" });
        await cloudFormation.createStack({
          name: stack.name,
          template: stack.template,
          parameters: JSON.parse(box.open(changeSet.sealedParameters)) as Record<string, string>,
          capabilities: stack.capabilities,
          disableRollback: input.DisableRollback === true,
          existing: stack,
        });
        return {};
      },
    },
    DeleteChangeSet: {
      permissions: onStack("DeleteChangeSet"),
      run(input) {
        store.deleteChangeSet(get(input).changeSet);
        return {};
      },
    },
  };
}

function stackOfChangeSet({ store }: CloudFormation, id: string): string {
  return store.listStacks().find((stack) => store.findChangeSet(stack.id, id) !== undefined)?.id ?? "";
}

async function createChangeSet(cloudFormation: CloudFormation, input: Sdk.CreateChangeSetCommandInput, time: number) {
  const { store, box } = cloudFormation;
  const existing = store.findStack(input.StackName);
  const isNew = existing === undefined || existing.status === "REVIEW_IN_PROGRESS";
  if (!isNew) return refuseUpdate(cloudFormation, input, existing, time);
  if (input.ChangeSetType === "UPDATE") throw validationError(`Stack [${input.StackName}] does not exist`);
  const request = deployRequest(input);
  checkNewStack(store, request);
  let planned: Awaited<ReturnType<CloudFormation["reviewStack"]>>;
  try {
    planned = await cloudFormation.reviewStack({ ...request, ...(existing === undefined ? {} : { existing }) });
  } catch (error) {
    throw error instanceof UsageError ? validationError(error.message, error) : error;
  }
  const { stack } = planned;
  store.putStack(stack);
  const changeSet: ChangeSetRecord = {
    id: changeSetId(stack, input.ChangeSetName),
    name: input.ChangeSetName ?? "",
    stackId: stack.id,
    status: "CREATE_COMPLETE",
    executionStatus: "AVAILABLE",
    created: time,
    changes: stack.resources.map(({ logicalId, type }) => ({ logicalId, type })),
    sealedParameters: box.seal(JSON.stringify(request.parameters)),
  };
  store.putChangeSet(changeSet);
  return { Id: changeSet.id, StackId: stack.id };
}

/** The same template and parameters are a change set without changes, FAILED as on AWS; anything else is not supported. */
function refuseUpdate(
  { store, box }: CloudFormation,
  input: Sdk.CreateChangeSetCommandInput,
  stack: StackRecord,
  time: number,
) {
  const given = new Map(
    (input.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
  );
  const isSame =
    input.TemplateBody === stack.template &&
    stack.parameters.every(({ key, value }) => value === "****" || (given.get(key) ?? value) === value);
  if (!isSame) {
    throw validationError(
      `Chubo cannot update a stack yet: delete ${stack.name} and create it anew (see docs/deviations.md)`,
    );
  }
  const changeSet: ChangeSetRecord = {
    id: changeSetId(stack, input.ChangeSetName),
    name: input.ChangeSetName ?? "",
    stackId: stack.id,
    status: "FAILED",
    statusReason: unchanged,
    executionStatus: "UNAVAILABLE",
    created: time,
    changes: [],
    sealedParameters: box.seal("{}"),
  };
  store.putChangeSet(changeSet);
  return { Id: changeSet.id, StackId: stack.id };
}

function changeSetId({ id }: StackRecord, name = ""): string {
  return `${id.replace(/:stack\/.*/, "")}:changeSet/${name}/${id.split("/").at(-1)}`;
}

function describeChangeSet(changeSet: ChangeSetRecord, stack: StackRecord) {
  return {
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    StackId: stack.id,
    StackName: stack.name,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    ExecutionStatus: changeSet.executionStatus,
    CreationTime: new Date(changeSet.created),
    Parameters: stack.parameters.map(({ key, value }) => ({ ParameterKey: key, ParameterValue: value })),
    Capabilities: stack.capabilities as Sdk.Capability[],
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
