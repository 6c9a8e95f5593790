import type * as Sdk from "@aws-sdk/client-cloudformation";
import type { Operations } from "../../aws-api/service.ts";
import { parseTemplate } from "../../template/parse-template.ts";
import type { Template } from "../../template/template.ts";
import { UsageError } from "../../usage-error.ts";
import { changeSetOperations } from "./change-set-operations.ts";
import type { CloudFormation } from "./cloudformation.ts";
import type { StackRecord, StackResource } from "./stack.ts";
import { checkNewStack, deployRequest, onStack, validationError } from "./stack-input.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html */
export function cloudFormationOperations(cloudFormation: CloudFormation, now: () => Date): Operations<typeof Sdk> {
  const { store } = cloudFormation;
  return {
    ...changeSetOperations(cloudFormation, now),
    ...describingOperations(cloudFormation),
    CreateStack: {
      permissions: onStack("CreateStack"),
      async run(input) {
        const request = deployRequest(input);
        checkNewStack(store, request);
        const { stack } = await asValidation(() => cloudFormation.createStack(request));
        return { StackId: stack.id };
      },
    },
    DeleteStack: {
      permissions: onStack("DeleteStack"),
      run(input) {
        const stack = store.findStack(input.StackName);
        // Deleting what is not there succeeds, as on AWS.
        if (stack !== undefined && stack.status !== "DELETE_COMPLETE") cloudFormation.deleteStack(stack);
        return {};
      },
    },
    ValidateTemplate: {
      permissions: () => [{ action: "cloudformation:ValidateTemplate", resource: "*" }],
      async run(input) {
        const template = await asValidation(() => parseTemplate(bodyOf(input)));
        return { Description: template.description, Parameters: parametersOf(template) };
      },
    },
    GetTemplateSummary: {
      permissions: () => [{ action: "cloudformation:GetTemplateSummary", resource: "*" }],
      async run(input) {
        const text = input.StackName === undefined ? bodyOf(input) : store.getStack(input.StackName).template;
        const template = await asValidation(() => parseTemplate(text));
        const types = [...new Set([...template.resources.values()].map(({ type }) => type))];
        return { Description: template.description, Parameters: parametersOf(template), ResourceTypes: types };
      },
    },
  };
}

function describingOperations({ store }: CloudFormation): Operations<typeof Sdk> {
  return {
    DescribeStacks: {
      permissions: onStack("DescribeStacks"),
      run(input) {
        const shown =
          input.StackName === undefined
            ? store.listStacks().filter(({ status }) => status !== "DELETE_COMPLETE")
            : [store.getStack(input.StackName)];
        return { Stacks: shown.map(describeStack) };
      },
    },
    ListStacks: {
      permissions: () => [{ action: "cloudformation:ListStacks", resource: "*" }],
      run(input) {
        const wanted: readonly string[] = input.StackStatusFilter ?? [];
        const shown = store.listStacks().filter(({ status }) => wanted.length === 0 || wanted.includes(status));
        return {
          StackSummaries: shown.map(({ id, name, status, created }) => ({
            StackId: id,
            StackName: name,
            StackStatus: status,
            CreationTime: new Date(created),
          })),
        };
      },
    },
    DescribeStackEvents: {
      permissions: onStack("DescribeStackEvents"),
      run(input) {
        const events = store.listEvents(store.getStack(input.StackName).id);
        return {
          StackEvents: events.map((event) => ({
            EventId: event.id,
            StackId: event.stackId,
            StackName: event.stackName,
            LogicalResourceId: event.logicalId,
            PhysicalResourceId: event.physicalId ?? "",
            ResourceType: event.resourceType,
            ResourceStatus: event.status as Sdk.ResourceStatus,
            ResourceStatusReason: event.reason,
            Timestamp: new Date(event.time),
          })),
        };
      },
    },
    DescribeStackResources: {
      permissions: onStack("DescribeStackResources"),
      run(input) {
        const stack = store.getStack(input.StackName ?? "");
        const wanted = stack.resources.filter(
          ({ logicalId }) => input.LogicalResourceId === undefined || input.LogicalResourceId === logicalId,
        );
        return {
          StackResources: wanted.map((resource) => ({
            ...describeResource(resource),
            Timestamp: new Date(resource.time),
            StackId: stack.id,
            StackName: stack.name,
          })),
        };
      },
    },
    ListStackResources: {
      permissions: onStack("ListStackResources"),
      run: (input) => ({
        StackResourceSummaries: store.getStack(input.StackName).resources.map((resource) => ({
          ...describeResource(resource),
          LastUpdatedTimestamp: new Date(resource.time),
        })),
      }),
    },
    GetTemplate: {
      permissions: onStack("GetTemplate"),
      run: (input) => ({ TemplateBody: store.getStack(input.StackName).template, StagesAvailable: ["Original"] }),
    },
  };
}

function describeStack(stack: StackRecord): Sdk.Stack {
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: stack.description,
    CreationTime: new Date(stack.created),
    DeletionTime: stack.deleted === undefined ? undefined : new Date(stack.deleted),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    Parameters: stack.parameters.map(({ key, value }) => ({ ParameterKey: key, ParameterValue: value })),
    Capabilities: stack.capabilities as Sdk.Capability[],
    Outputs: Object.entries(stack.outputs).map(([key, value]) => ({ OutputKey: key, OutputValue: value })),
    NotificationARNs: [],
    Tags: [],
  };
}

function describeResource({ logicalId, physicalId, type, status, statusReason }: StackResource) {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: status as Sdk.ResourceStatus,
    ResourceStatusReason: statusReason,
  };
}

function parametersOf(template: Template) {
  return [...template.parameters.values()].map((parameter) => ({
    ParameterKey: parameter.name,
    ParameterType: parameter.type,
    DefaultValue: parameter.default,
    NoEcho: parameter.noEcho,
    Description: parameter.description,
  }));
}

function bodyOf(input: { TemplateBody?: string | undefined }): string {
  if (input.TemplateBody !== undefined) return input.TemplateBody;
  throw validationError("Chubo takes a template by TemplateBody only (see docs/deviations.md)");
}

/** What is wrong with a template is a ValidationError to the API, a UsageError to the command line. */
async function asValidation<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw validationError(error.message, error);
    throw error;
  }
}
