import type * as Sdk from "@aws-sdk/client-cloudformation";
import type { Operations } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { type DynamicReferenceSource, dynamicReferenceServices } from "../../template/dynamic-reference.ts";
import type { Template } from "../../template/template.ts";
import { type CloudFormationStore, openCloudFormationStore } from "./cloudformation-store.ts";
import { type DeployStackRequest, deployStack, type StackOutcome } from "./deploy-stack.ts";
import { cloudFormationOperations } from "./operations.ts";
import type { StackPlan } from "./plan-stack.ts";
import type { ResourceProvider } from "./resource-provider.ts";
import { interruptedStatus, isInProgress, type StackCaller, type StackEvent, type StackRecord } from "./stack.ts";
import { stackArn } from "./stack-names.ts";
import { type RecorderContext, recordStack, type StackRecorder } from "./stack-recorder.ts";
import type { StackRun } from "./stack-run.ts";

export interface CloudFormationOptions {
  store: Store;
  secretBox: SecretBox;
  /** Providers that act in the caller's name. */
  providersFor(caller: StackCaller): readonly ResourceProvider[];
  now(): Date;
  newUuid(): string;
  /** An error that is not AWS's: a defect. The stack fails with "Internal Failure". */
  onDefect(error: unknown): void;
  /** Told of every event of every stack. */
  onEvent?(event: StackEvent): void;
  /** The template behind a TemplateURL; without it, only TemplateBody is taken. */
  readTemplateUrl?(url: string, caller: StackCaller): Promise<string>;
  /** For parameters of type AWS::SSM::Parameter::Value; without it, they are refused. */
  findStoredParameter?(name: string, caller: StackCaller): Promise<string | undefined>;
  /** For `{{resolve:…}}`; without it, they are refused. */
  dynamicReferences?(caller: StackCaller): DynamicReferenceSource;
}

export interface CloudFormation {
  operations: Operations<typeof Sdk>;
  /**
   * Throws a TemplateError with all that can be found wrong before anything is made; resolves with the resources that
   * will be. The stacks are to be made in this order: one may import what an earlier one exports.
   */
  checkStacks(requests: readonly DeployStackRequest[], caller: StackCaller): Promise<PlannedResource[]>;
  /** Makes a stack and waits for its end. Throws like `checkStacks`; that a resource failed is an outcome. */
  deployStack(request: DeployStackRequest, caller: StackCaller): Promise<StackOutcome>;
  /** Resolves when no operation is going on. */
  whenIdle(): Promise<void>;
}

/** A resource whose condition holds, with what is known of its properties before anything is made. */
export interface PlannedResource {
  logicalId: string;
  type: string;
  /** Parameters, conditions and functions are resolved; a value that comes later is `knownAfterApply`. */
  properties: Readonly<Record<string, unknown>>;
}

/** What the operations on stacks share. */
export interface StackEngine {
  options: CloudFormationOptions;
  store: CloudFormationStore;
  planStack(request: PlanInput, caller: StackCaller): Promise<StackPlan>;
  /** Begins to make a planned stack: stores it as CREATE_IN_PROGRESS and returns; `finished` is its end. */
  startCreation(stack: StackRecord, plan: StackPlan, caller: StackCaller, onEvent?: EventListener): StackOperation;
  startDeletion(stack: StackRecord, caller: StackCaller, options?: DeletionOptions): StackOperation;
}

export interface PlanInput {
  name: string;
  stackId: string;
  template: string;
  /** The same, where it has been parsed already. */
  parsed?: Template | undefined;
  file?: string | undefined;
  parameters: Readonly<Record<string, string>>;
  /** Exports of stacks that will be made before this one. */
  expectedExports?: ReadonlySet<string>;
}

export interface DeletionOptions {
  retained?: readonly string[];
  onEvent?: EventListener | undefined;
}

export interface StackOperation {
  finished: Promise<void>;
}

interface RunningOperation extends StackOperation {
  stack: StackRecord;
  /** Set when the stack's deletion is asked for: its creation then stops. */
  isCancelled: boolean;
}

export type EventListener = (event: StackEvent) => void;

/** Opens the account's stacks. Those that another process was working on when it ended are marked as failed. */
export function openCloudFormation(options: CloudFormationOptions): CloudFormation {
  const store = openCloudFormationStore(options.store);
  const running = new Map<string, RunningOperation>();
  for (const stack of store.listStacks())
    if (isInProgress(stack)) markInterrupted(stack, { store, now: options.now, newUuid: options.newUuid });

  function start(
    given: StackRecord,
    caller: StackCaller,
    status: "CREATE_IN_PROGRESS" | "DELETE_IN_PROGRESS",
    onEvent: EventListener | undefined,
    work: (run: StackRun) => Promise<void>,
  ): StackOperation {
    const earlier = running.get(given.id);
    // The record in memory, where another operation is still writing it: two copies would undo each other.
    const stack = earlier?.stack ?? given;
    if (given.clientRequestToken !== undefined) stack.clientRequestToken = given.clientRequestToken;
    const operation: RunningOperation = { stack, isCancelled: false, finished: Promise.resolve() };
    const recorder = recordStack(stack, {
      ...{ store, now: options.now, newUuid: options.newUuid },
      onEvent(event) {
        options.onEvent?.(event);
        onEvent?.(event);
      },
    });
    recorder.setStatus(status, "User Initiated");
    if (earlier !== undefined) earlier.isCancelled = true;
    const run = stackRun(recorder, options, caller, () => operation.isCancelled);
    operation.finished = guard(run, async () => {
      await earlier?.finished;
      await work(run);
    });
    running.set(stack.id, operation);
    void operation.finished.then(() => running.get(stack.id) === operation && running.delete(stack.id));
    return { finished: operation.finished };
  }

  const engine: StackEngine = {
    options,
    store,
    planStack: (request, caller) => planFor(request, caller, options, store),
    startCreation: (stack, plan, caller, onEvent) =>
      start(stack, caller, "CREATE_IN_PROGRESS", onEvent, async (run) => {
        const { runStackCreation } = await import("./run-stack-creation.ts");
        await runStackCreation(run, plan, options.dynamicReferences?.(caller));
      }),
    startDeletion: (stack, caller, { retained = [], onEvent } = {}) =>
      start(stack, caller, "DELETE_IN_PROGRESS", onEvent, async (run) => {
        const { runStackDeletion } = await import("./run-stack-deletion.ts");
        await runStackDeletion(run, retained);
      }),
  };
  return {
    operations: cloudFormationOperations(engine),
    async checkStacks(requests, caller) {
      const expectedExports = new Set<string>();
      const planned: PlannedResource[] = [];
      for (const request of requests) {
        const stackId = stackArn(request.name, caller, options.newUuid());
        const plan = await engine.planStack({ ...request, stackId, expectedExports }, caller);
        for (const name of plan.exportNames) expectedExports.add(name);
        for (const { declaration, checked: properties } of plan.prepared.resources) {
          planned.push({ logicalId: declaration.logicalId, type: declaration.type, properties });
        }
      }
      return planned;
    },
    deployStack: (request, caller) => deployStack(request, caller, engine),
    async whenIdle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ finished }) => finished));
    },
  };
}

async function planFor(
  request: PlanInput,
  caller: StackCaller,
  options: CloudFormationOptions,
  store: CloudFormationStore,
): Promise<StackPlan> {
  // Loaded late: a server that only answers other calls does without the YAML parser.
  const { planStack } = await import("./plan-stack.ts");
  const { findStoredParameter } = options;
  return planStack(request, {
    ...{ caller, store, secretBox: options.secretBox },
    providers: options.providersFor(caller),
    dynamicServices: dynamicReferenceServices(options.dynamicReferences?.(caller)),
    ...(findStoredParameter !== undefined && {
      findStoredParameter: (name: string) => findStoredParameter(name, caller),
    }),
  });
}

function stackRun(
  recorder: StackRecorder,
  options: CloudFormationOptions,
  caller: StackCaller,
  isCancelled: () => boolean,
): StackRun {
  const { secretBox, now, newUuid, onDefect } = options;
  const providers = new Map(options.providersFor(caller).map((provider) => [provider.type, provider]));
  const findProvider = (type: string) => providers.get(type);
  return { recorder, secretBox, findProvider, isCancelled, now, newUuid, onDefect };
}

/** A defect ends the operation as a failure instead of leaving it in progress for ever. */
async function guard(run: StackRun, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    run.onDefect(error);
    const { stack } = run.recorder;
    run.recorder.setStatus(interruptedStatus(stack.status), "Internal Failure");
  }
}

function markInterrupted(stack: StackRecord, context: RecorderContext): void {
  const recorder = recordStack(stack, context);
  for (const resource of stack.resources) {
    if (!resource.status.endsWith("_IN_PROGRESS")) continue;
    const isCreation = resource.status.startsWith("CREATE");
    const left = isCreation && resource.physicalId === undefined ? "; the resource may be there without the stack" : "";
    recorder.setResource(resource, isCreation ? "CREATE_FAILED" : "DELETE_FAILED", `Chubo ended meanwhile${left}`);
  }
  recorder.setStatus(interruptedStatus(stack.status), "Chubo ended while the operation was going on");
}
