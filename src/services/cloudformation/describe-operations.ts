import type * as Sdk from "@aws-sdk/client-cloudformation";
import type { Operations } from "../../aws-api/service.ts";
import type { StackEngine } from "./cloudformation.ts";
import type { StackEvent, StackRecord, StackResource } from "./stack.ts";
import { onAnything, onStack, validationError } from "./stack-input.ts";

/** Operations that only read. Everything is in one page: no answer has a NextToken. */
export function describeOperations({ store }: StackEngine): Operations<typeof Sdk> {
  return {
    DescribeStacks: {
      permissions: onStack("DescribeStacks"),
      run({ StackName: name }, { region }) {
        const all = () => store.listStacks(region).filter(({ status }) => status !== "DELETE_COMPLETE");
        const stacks = name === undefined || name === "" ? all() : [store.getStack(name, region)];
        return { Stacks: stacks.map(describeStack) };
      },
    },
    ListStacks: {
      permissions: onAnything("ListStacks"),
      run({ StackStatusFilter: filter = [] }, { region }) {
        const stacks = store.listStacks(region);
        const shown = stacks.filter(({ status }) => filter.length === 0 || filter.includes(status));
        return { StackSummaries: shown.sort((a, b) => b.created - a.created).map(summarizeStack) };
      },
    },
    DescribeStackEvents: {
      permissions: onStack("DescribeStackEvents"),
      run: ({ StackName: name }, { region }) => ({
        StackEvents: store.listEvents(store.getStack(name, region).id).map(describeEvent),
      }),
    },
    DescribeStackResources: {
      permissions: onStack("DescribeStackResources"),
      run: ({ StackName: name, LogicalResourceId: wanted, PhysicalResourceId: physical }, { region }) => {
        const stack = name === undefined ? stackOfResource(physical, region) : store.getStack(name, region);
        const shown = stack.resources.filter(({ logicalId }) => wanted === undefined || logicalId === wanted);
        return {
          StackResources: shown.map((resource) => ({
            ...resourceMembers(resource),
            ...{ StackName: stack.name, StackId: stack.id, Timestamp: new Date(resource.time) },
          })),
        };
      },
    },
    DescribeStackResource: {
      permissions: onStack("DescribeStackResource"),
      run({ StackName: name, LogicalResourceId: wanted }, { region }) {
        const stack = store.getStack(name, region);
        const resource = stack.resources.find(({ logicalId }) => logicalId === wanted);
        if (resource === undefined) {
          throw validationError(`Resource ${wanted} does not exist for stack ${stack.name}`);
        }
        return {
          StackResourceDetail: {
            ...resourceMembers(resource),
            ...{ StackName: stack.name, StackId: stack.id, LastUpdatedTimestamp: new Date(resource.time) },
          },
        };
      },
    },
    ListStackResources: {
      permissions: onStack("ListStackResources"),
      run: ({ StackName: name }, { region }) => ({
        StackResourceSummaries: store.getStack(name, region).resources.map((resource) => ({
          ...resourceMembers(resource),
          LastUpdatedTimestamp: new Date(resource.time),
        })),
      }),
    },
  };

  function stackOfResource(physicalId: string | undefined, region: string): StackRecord {
    const isOwner = ({ resources, status }: StackRecord) =>
      status !== "DELETE_COMPLETE" && resources.some((resource) => resource.physicalId === physicalId);
    const owner = physicalId === undefined ? undefined : store.listStacks(region).find(isOwner);
    if (owner === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
    return owner;
  }
}

function describeStack(stack: StackRecord): Sdk.Stack {
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: stack.description,
    ChangeSetId: stack.changeSetId,
    CreationTime: new Date(stack.created),
    DeletionTime: stack.deleted === undefined ? undefined : new Date(stack.deleted),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.onFailure === "DO_NOTHING",
    NotificationARNs: [],
    Parameters: stack.parameters.map(({ key, value }) => ({ ParameterKey: key, ParameterValue: value })),
    Capabilities: stack.capabilities as Sdk.Capability[],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    Tags: stack.tags.map(({ key, value }) => ({ Key: key, Value: value })),
    EnableTerminationProtection: stack.hasTerminationProtection,
    RollbackConfiguration: {},
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

function summarizeStack(stack: StackRecord): Sdk.StackSummary {
  const { StackId, StackName, CreationTime, DeletionTime, StackStatus, StackStatusReason, DriftInformation } =
    describeStack(stack);
  const TemplateDescription = stack.description;
  const summary = {
    StackId,
    StackName,
    TemplateDescription,
    CreationTime,
    DeletionTime,
    StackStatus,
    StackStatusReason,
  };
  return { ...summary, DriftInformation: { StackDriftStatus: DriftInformation?.StackDriftStatus } };
}

function describeEvent(event: StackEvent): Sdk.StackEvent {
  return {
    StackId: event.stackId,
    EventId: event.id,
    StackName: event.stackName,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.resourceType,
    Timestamp: new Date(event.time),
    ResourceStatus: event.status as Sdk.ResourceStatus,
    ResourceStatusReason: event.reason,
    ClientRequestToken: event.clientRequestToken,
  };
}

function resourceMembers({ logicalId, physicalId, type, status, statusReason }: StackResource) {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: status as Sdk.ResourceStatus,
    ResourceStatusReason: statusReason,
    DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" as const },
  };
}
