import type { CallContext, Permission } from "../../aws-api/service.ts";
import { repositoryArn } from "./repository.ts";

/** The permission row of an operation on one repository. */
export function onRepository(
  input: { repositoryName?: string | undefined; registryId?: string | undefined },
  { operation, account, region }: CallContext,
): Permission[] {
  const place = { account: input.registryId ?? account, region };
  return [{ action: `ecr:${operation}`, resource: repositoryArn(place, input.repositoryName ?? "*") }];
}

/** The permission row of an operation that names its repository by ARN. */
export function onResource(input: { resourceArn?: string | undefined }, { operation }: CallContext): Permission[] {
  return [{ action: `ecr:${operation}`, resource: input.resourceArn ?? "*" }];
}

/** The permission row of an operation on no resource. */
export function onAnything(_input: object, { operation }: CallContext): Permission[] {
  return [{ action: `ecr:${operation}`, resource: "*" }];
}
