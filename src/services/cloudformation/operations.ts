import type * as Sdk from "@aws-sdk/client-cloudformation";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Operations } from "../../aws-api/service.ts";
import { changeSetOperations } from "./change-set-operations.ts";
import type { StackEngine } from "./cloudformation.ts";
import { describeOperations } from "./describe-operations.ts";
import { newStackRecord } from "./new-stack-record.ts";
import { checkCapabilities } from "./required-capabilities.ts";
import type { StackCaller, StackRecord } from "./stack.ts";
import {
  asValidationError,
  checkStackName,
  onAnything,
  onStack,
  parametersOf,
  refuseMembers,
  tagsOf,
  templateOf,
  validationError,
} from "./stack-input.ts";
import { stackArn } from "./stack-names.ts";
import { templateOperations } from "./template-operations.ts";
import { updateStack } from "./update-stack.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html */
export function cloudFormationOperations(engine: StackEngine): Operations<typeof Sdk> {
  return {
    ...changeSetOperations(engine),
    ...describeOperations(engine),
    ...templateOperations(engine),
    CreateStack: {
      permissions: onStack("CreateStack"),
      run: (input, context) => createStack(input, context, engine),
    },
    UpdateStack: {
      permissions: onStack("UpdateStack"),
      run: (input, context) => updateStack(input, context, engine),
    },
    DeleteStack: {
      permissions: onStack("DeleteStack"),
      run(input, context) {
        deleteStack(input, context, engine);
        return {};
      },
    },
    UpdateTerminationProtection: {
      permissions: onStack("UpdateTerminationProtection"),
      run(input, { region }) {
        const stack = engine.store.getStack(input.StackName, region);
        stack.hasTerminationProtection = input.EnableTerminationProtection === true;
        engine.store.putStack(stack);
        return { StackId: stack.id };
      },
    },
    ListExports: {
      permissions: onAnything("ListExports"),
      run: (_input, { region }) => ({ Exports: liveStacks(engine, region).flatMap(exportsOf) }),
    },
    ListImports: {
      permissions: onAnything("ListImports"),
      run(input, { region }) {
        const name = input.ExportName ?? "";
        const importers = liveStacks(engine, region).filter(({ imports }) => imports.includes(name));
        if (importers.length === 0) throw validationError(`Export '${name}' is not imported by any stack.`);
        return { Imports: importers.map((stack) => stack.name) };
      },
    },
  };
}

/** What stacks on AWS can have and stacks here cannot. */
const unsupportedMembers = [
  "NotificationARNs",
  "ResourceTypes",
  "RoleARN",
  "StackPolicyBody",
  "StackPolicyURL",
  "TimeoutInMinutes",
];

async function createStack(input: Sdk.CreateStackCommandInput, caller: StackCaller, engine: StackEngine) {
  const name = checkStackName(input.StackName);
  refuseMembers(input, [...unsupportedMembers, "RollbackConfiguration"]);
  if (input.OnFailure !== undefined && input.DisableRollback !== undefined) {
    throw validationError("Either DisableRollback or OnFailure can be specified, not both.");
  }
  refuseExisting(name, caller, engine);
  const template = await templateOf(input, caller, engine);
  const stackId = stackArn(name, caller, engine.options.newUuid());
  const parameters = parametersOf(input.Parameters);
  const plan = await asValidationError(() => engine.planStack({ name, stackId, template, parameters }, caller));
  const capabilities = input.Capabilities ?? [];
  checkCapabilities(plan.template, capabilities);
  // Again: the template was read meanwhile, and another call may have been quicker.
  refuseExisting(name, caller, engine);
  const stack = newStackRecord(
    {
      ...{ stackId, name, template, capabilities },
      tags: tagsOf(input.Tags),
      onFailure: input.OnFailure ?? (input.DisableRollback === true ? "DO_NOTHING" : "ROLLBACK"),
      hasTerminationProtection: input.EnableTerminationProtection === true,
      clientRequestToken: input.ClientRequestToken,
    },
    plan,
    caller,
    engine.options,
  );
  engine.startCreation(stack, plan, caller);
  return { StackId: stackId };
}

function refuseExisting(name: string, { region }: StackCaller, { store }: StackEngine): void {
  if (store.findStack(name, region) !== undefined) {
    throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
  }
}

function deleteStack(input: Sdk.DeleteStackCommandInput, caller: StackCaller, engine: StackEngine): void {
  refuseMembers(input, ["RoleARN"]);
  if (input.DeletionMode === "FORCE_DELETE_STACK")
    throw validationError("Chubo does not support DeletionMode on stacks");
  const stack = engine.store.findStack(input.StackName ?? "", caller.region);
  // What is not there, or on its way out, is deleted with success, as on AWS.
  if (stack === undefined || ["DELETE_COMPLETE", "DELETE_IN_PROGRESS"].includes(stack.status)) return;
  if (stack.hasTerminationProtection) {
    throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  const retained = input.RetainResources ?? [];
  if (retained.length > 0 && stack.status !== "DELETE_FAILED") {
    const state = `${stack.status} state`;
    throw validationError(
      `Invalid operation on stack [${stack.name}]. It is in ${state}; RetainResources needs DELETE_FAILED`,
    );
  }
  refuseImported(stack, engine);
  if (input.ClientRequestToken !== undefined) stack.clientRequestToken = input.ClientRequestToken;
  engine.startDeletion(stack, caller, { retained });
}

function refuseImported({ outputs, region }: StackRecord, engine: StackEngine): void {
  for (const { exportName } of outputs) {
    if (exportName === undefined) continue;
    const user = liveStacks(engine, region).find(({ imports }) => imports.includes(exportName));
    if (user !== undefined) {
      throw validationError(`Delete canceled. Cannot delete export ${exportName} as it is in use by ${user.name}.`);
    }
  }
}

function liveStacks({ store }: StackEngine, region: string): StackRecord[] {
  return store.listStacks(region).filter(({ status }) => status !== "DELETE_COMPLETE");
}

function exportsOf({ id, outputs }: StackRecord): Sdk.Export[] {
  return outputs
    .filter(({ exportName }) => exportName !== undefined)
    .map(({ exportName, value }) => ({ ExportingStackId: id, Name: exportName, Value: value }));
}
