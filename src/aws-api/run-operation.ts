import type { AwsApiOptions, OperationTable } from "./aws-api.ts";
import type { AwsError } from "./aws-error.ts";
import { protocolError } from "./protocol-error.ts";
import { type Protocol, serviceTable } from "./sdk-schemas.ts";
import type { CallContext } from "./service.ts";

/** Asks for the call's permissions, then runs its operation. Throws AwsError where there is no such operation. */
export async function runOperation(
  { services, authorizer, isStorageFull }: Pick<AwsApiOptions, "services" | "authorizer" | "isStorageFull">,
  context: CallContext,
  input: object,
): Promise<unknown> {
  const protocol = serviceTable[context.service]?.protocol ?? "json";
  const operation = await findOperation(services, context.service, context.operation);
  if (operation === undefined) throw unsupported(protocol, `${context.service}:${context.operation}`);
  const denial = authorizer.authorize(context, operation.permissions(input as never, context));
  if (denial !== undefined) throw protocolError(protocol, "denied", { message: denial.message });
  try {
    return await operation.run(input as never, context);
  } catch (error) {
    if (isStorageFull?.(error) !== true) throw error;
    throw protocolError(protocol, "storageFull", { cause: error });
  }
}

export async function findOperation(
  services: AwsApiOptions["services"],
  service: string,
  name: string,
): Promise<OperationTable[string]> {
  const source = services[service];
  const table = typeof source === "function" ? await source() : source;
  return table?.[name];
}

export function unsupported(protocol: Protocol, what: string): AwsError {
  return protocolError(protocol, "notImplemented", {
    message: `Chubo does not support ${what} yet (see docs/deviations.md)`,
  });
}
