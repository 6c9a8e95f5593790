import type { CallContext, Operation } from "../../aws-api/service.ts";
import { logStreamArn } from "./logs-arn.ts";
import { type GroupReference, groupNameOf } from "./logs-input.ts";
import type { LogsStore } from "./logs-store.ts";

export interface LogsDeps {
  logs: LogsStore;
  now(): Date;
}

/** An operation that answers at once. */
export interface ImmediateOperation<Input, Output> extends Operation<Input, Output> {
  run(input: Input, context: CallContext): Output;
}

/** A row whose permission has the operation's name and is on the resource that `resourceOf` names. */
export function onResource<Input, Output>(
  resourceOf: (input: Input, context: CallContext) => string,
  run: (input: Input, context: CallContext) => Output,
): ImmediateOperation<Input, Output> {
  return {
    run,
    permissions: (input, context) => [{ action: `logs:${context.operation}`, resource: resourceOf(input, context) }],
  };
}

export function onGroup<Input extends GroupReference, Output>(
  run: (input: Input, context: CallContext) => Output,
): ImmediateOperation<Input, Output> {
  return onResource((input: Input, context) => logStreamArn(context, groupNameOf(input)), run);
}

export function onStream<Input extends GroupReference & { logStreamName?: string | undefined }, Output>(
  run: (input: Input, context: CallContext) => Output,
): ImmediateOperation<Input, Output> {
  return onResource((input: Input, context) => logStreamArn(context, groupNameOf(input), input.logStreamName), run);
}
