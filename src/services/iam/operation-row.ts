import type { CallContext, Operation } from "../../aws-api/service.ts";
import type { IamIdSource } from "./iam-id.ts";
import type { IamStore } from "./iam-store.ts";
import { findRoleRecord } from "./role.ts";

export interface IamDeps {
  iam: IamStore;
  createId: IamIdSource;
  now(): Date;
}

/** An operation that answers at once, which the tests and other parts of this process may rely on. */
export interface ImmediateOperation<Input, Output> extends Operation<Input, Output> {
  run(input: Input, context: CallContext): Output;
}

type Run<Input, Output> = (input: Input, context: CallContext) => Output;

/** A row whose permission has the operation's name and is on the resource that `resourceOf` names. */
export function onResource<Input, Output>(
  resourceOf: (input: Input, context: CallContext) => string,
  run: Run<Input, Output>,
): ImmediateOperation<Input, Output> {
  return {
    run,
    permissions: (input, context) => [{ action: `iam:${context.operation}`, resource: resourceOf(input, context) }],
  };
}

/** On the role that the input names; a role that does not exist yet has the given path. */
export function onRole<Input extends { RoleName?: string | undefined; Path?: string | undefined }, Output>(
  { iam }: IamDeps,
  run: Run<Input, Output>,
): ImmediateOperation<Input, Output> {
  const resourceOf = ({ RoleName: name = "", Path: path = "/" }: Input, { account }: CallContext) =>
    findRoleRecord(iam, name)?.arn ?? `arn:aws:iam::${account}:role${path}${name}`;
  return onResource(resourceOf, run);
}

export function onPolicy<Input extends { PolicyArn?: string | undefined }, Output>(
  run: Run<Input, Output>,
): ImmediateOperation<Input, Output> {
  return onResource(({ PolicyArn: arn = "*" }: Input) => arn, run);
}
