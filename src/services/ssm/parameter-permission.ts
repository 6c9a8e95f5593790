import type { CallContext, Permission } from "../../aws-api/service.ts";
import { parameterArn, parseParameterName } from "./parameter-name.ts";

/**
 * A permission on one parameter, or on a path of them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function onName(operation: string, name: string | undefined, context: CallContext): Permission[] {
  const { id } = parseParameterName(name ?? "");
  const resource = id.startsWith("arn:") ? id : parameterArn(id, context);
  return [{ action: `ssm:${operation}`, resource }];
}

export function onEach(operation: string, names: readonly string[] | undefined, context: CallContext): Permission[] {
  return (names ?? []).flatMap((name) => onName(operation, name, context));
}

/** What knows no single parameter is asked for on all of the account's resources. */
export function onAll(operation: string, { region, account }: CallContext): Permission[] {
  return [{ action: `ssm:${operation}`, resource: `arn:aws:ssm:${region}:${account}:*` }];
}
