import type { Template } from "../../template/template.ts";
import { UsageError } from "../../usage-error.ts";
import type { EventListener, StackEngine } from "./cloudformation.ts";
import { newStackRecord } from "./new-stack-record.ts";
import type { StackCaller, StackEvent, StackRecord } from "./stack.ts";
import { stackArn } from "./stack-names.ts";

export interface DeployStackRequest {
  name: string;
  /** The template's text. */
  template: string;
  /** The same, where it has been parsed already. */
  parsed?: Template;
  /** For the places in errors. */
  file?: string;
  parameters: Record<string, string>;
  onEvent?: EventListener;
}

export interface StackOutcome {
  stackId: string;
  name: string;
  /** CREATE_COMPLETE, or what a failure ended in. */
  status: string;
  statusReason?: string;
  isCreated: boolean;
  outputs: Record<string, string>;
  /** Resources that failed, and why. */
  failures: { logicalId: string; type: string; reason: string }[];
}

/**
 * Makes a stack in this process and waits for its end. One that failed earlier is removed first; one that is there
 * with the same template and parameters is left as it is; with others, TEMPLATE_STACK_EXISTS. Capabilities are taken
 * as given: the template is its caller's own file.
 */
export async function deployStack(
  request: DeployStackRequest,
  caller: StackCaller,
  engine: StackEngine,
): Promise<StackOutcome> {
  const { store, options } = engine;
  const existing = store.findStack(request.name, caller.region);
  const isReused = existing?.status === "REVIEW_IN_PROGRESS";
  const stackId = isReused ? existing.id : stackArn(request.name, caller, options.newUuid());
  const plan = await engine.planStack({ ...request, stackId }, caller);
  if (existing?.status === "CREATE_COMPLETE") {
    const { isSameStack } = await import("./same-stack.ts");
    if (isSameStack(existing, plan, options.secretBox)) return outcomeOf(existing, []);
    throw new UsageError(
      "TEMPLATE_STACK_EXISTS",
      `the stack ${request.name} exists with another template or parameters`,
      {
        ...(request.file !== undefined && { file: request.file }),
        hint: "chubo cannot update a stack yet: remove it first, or use another state directory",
      },
    );
  }
  if (existing !== undefined && !isReused) await removeEarlier(existing, caller, engine);
  const events: StackEvent[] = [];
  const onEvent = (event: StackEvent) => {
    events.push(event);
    request.onEvent?.(event);
  };
  const capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"];
  const stack = newStackRecord(
    { stackId, name: request.name, template: request.template, capabilities },
    plan,
    caller,
    options,
  );
  await engine.startCreation(stack, plan, caller, onEvent).finished;
  return outcomeOf(store.getStack(stackId, caller.region), events);
}

async function removeEarlier(stack: StackRecord, caller: StackCaller, engine: StackEngine): Promise<void> {
  await engine.startDeletion(stack, caller).finished;
  const { status, statusReason, name } = engine.store.getStack(stack.id, caller.region);
  if (status === "DELETE_COMPLETE") return;
  const message = `the stack ${name} is left from an earlier failure and cannot be removed: ${statusReason ?? status}`;
  throw new UsageError("TEMPLATE_STACK_EXISTS", message, {
    hint: "remove what is in it, or use another state directory",
  });
}

function outcomeOf(stack: StackRecord, events: readonly StackEvent[]): StackOutcome {
  const failed = events.filter(({ status }) => status === "CREATE_FAILED" || status === "DELETE_FAILED");
  return {
    stackId: stack.id,
    name: stack.name,
    status: stack.status,
    ...(stack.statusReason !== undefined && { statusReason: stack.statusReason }),
    isCreated: stack.status === "CREATE_COMPLETE",
    outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
    failures: failed
      .filter(({ physicalId }) => physicalId !== stack.id)
      .map(({ logicalId, resourceType, reason }) => ({ logicalId, type: resourceType, reason: reason ?? "" })),
  };
}
