import type { IncomingMessage, ServerResponse } from "node:http";
import type { WireApi } from "./answer-request.ts";
import { runOperation } from "./run-operation.ts";
import type { Authorizer, CredentialSource, Operation, Principal } from "./service.ts";

/** A service's operation table with its types left off. */
export type OperationTable = Readonly<Record<string, Operation<never, unknown> | undefined>>;

/** A table, or what loads it at its first use. */
export type OperationSource = OperationTable | (() => Promise<OperationTable>);

export interface AwsApiOptions {
  /** Operation tables by the services' names in `serviceTable`. */
  services: Readonly<Record<string, OperationSource>>;
  credentials: CredentialSource;
  authorizer: Authorizer;
  account: string;
  region: string;
  /** Whether an operation failed because the disk has no room: the caller is told so, and it is no defect. Never where absent. */
  isStorageFull?(error: unknown): boolean;
  now(): Date;
  newRequestId(): string;
  /** Told of every error that is not an AwsError; the caller gets InternalFailure and the request ID. */
  onDefect(error: unknown, requestId: string): void;
}

/** All AWS services of an account, on the wire and from inside the process. */
export interface AwsApi {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Loads what the first requests of these services would load: for a time in which the process waits anyway. */
  prepare(services: readonly string[]): Promise<void>;
  /** The same authorisation and operation without the wire; loads no SDK client. Throws AwsError. */
  call<Output>(
    service: string,
    operation: string,
    input: object,
    principal: Principal,
    region?: string,
  ): Promise<Output>;
}

export function createAwsApi(options: AwsApiOptions): AwsApi {
  let opened: Promise<WireApi> | undefined;
  // Nothing of the wire is loaded before the first request: a process that only calls starts sooner.
  const openWire = () => {
    opened ??= import("./answer-request.ts").then(({ openWireApi }) => openWireApi(options));
    return opened;
  };
  return {
    async handle(request, response) {
      await (await openWire()).handle(request, response);
    },
    async prepare(services) {
      const wire = await openWire();
      for (const service of services) await wire.load(service);
    },
    async call<Output>(service: string, operation: string, input: object, principal: Principal, region?: string) {
      const context = {
        service,
        operation,
        requestId: options.newRequestId(),
        region: region ?? options.region,
        account: options.account,
        principal,
      };
      return (await runOperation(options, context, input)) as Output;
    },
  };
}
