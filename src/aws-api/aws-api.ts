import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "./aws-error.ts";
import { identifyService } from "./identify-service.ts";
import { openJsonProtocol } from "./json-protocol.ts";
import { openQueryProtocol } from "./query-protocol.ts";
import { readWireRequest } from "./read-wire-request.ts";
import { openRestXmlProtocol } from "./rest-xml-protocol.ts";
import {
  loadServiceSchemas,
  type OperationSchema,
  requiredMembers,
  type ServiceSchemas,
  serviceTable,
} from "./sdk-schemas.ts";
import { sendWireResponse } from "./send-wire-response.ts";
import type { Authorizer, CallContext, CredentialSource, Operation, Principal } from "./service.ts";
import type { OpenProtocol, WireProtocol, WireRequest, WireResponse } from "./wire.ts";

/** A service's operation table with its types left off. */
export type OperationTable = Record<string, Operation<never, unknown>>;

export interface AwsApiOptions {
  services: Record<string, object>;
  credentials: CredentialSource;
  authorizer: Authorizer;
  account: string;
  region: string;
  now(): Date;
  newRequestId(): string;
  /** Told of every error that is not an AwsError; the caller gets InternalFailure and the request ID. */
  onDefect(error: unknown, requestId: string): void;
}

/** All AWS services of an account, on the wire and from inside the process. */
export interface AwsApi {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same authorisation and operation without the wire; loads no SDK client. Throws AwsError. */
  call<Output>(service: string, operation: string, input: object, principal: Principal): Promise<Output>;
}

interface LoadedService {
  schemas: ServiceSchemas;
  protocol: WireProtocol;
}

const openProtocol: Record<string, OpenProtocol> = {
  json: openJsonProtocol,
  query: openQueryProtocol,
  "rest-xml": openRestXmlProtocol,
};

export function createAwsApi(options: AwsApiOptions): AwsApi {
  const loaded = new Map<string, Promise<LoadedService>>();
  const load = (service: string) => {
    const loading = loaded.get(service) ?? loadService(service);
    loaded.set(service, loading);
    return loading;
  };
  return {
    async handle(request, response) {
      const requestId = options.newRequestId();
      let service: LoadedService | undefined;
      try {
        const name = identifyService(request);
        if (serviceTable[name] === undefined) throw unsupportedService(name);
        service = await load(name);
        const answer = await answerRequest(options, name, service, request, requestId);
        await sendWireResponse(request, response, answer);
      } catch (error) {
        if (response.headersSent) {
          response.destroy();
          return;
        }
        const { protocol, schemas } = service ?? (await load("sts"));
        const awsError = awsErrorOf(options, error, requestId);
        await sendWireResponse(request, response, protocol.writeError(awsError, schemas, requestId));
      }
    },
    async call<Output>(service: string, operation: string, input: object, principal: Principal) {
      const { region, account } = options;
      const requestId = options.newRequestId();
      const context: CallContext = { service, operation, requestId, region, account, principal };
      return (await runOperation(options, context, input as Record<string, unknown>)) as Output;
    },
  };
}

async function loadService(name: string): Promise<LoadedService> {
  const description = serviceTable[name];
  const open = openProtocol[description?.protocol ?? ""];
  if (description === undefined || open === undefined) throw unsupportedService(name);
  const [schemas, protocol] = await Promise.all([loadServiceSchemas(description), open(description)]);
  return { schemas, protocol };
}

async function answerRequest(
  options: AwsApiOptions,
  service: string,
  { schemas, protocol }: LoadedService,
  message: IncomingMessage,
  requestId: string,
): Promise<WireResponse> {
  const streams = serviceTable[service]?.protocol === "rest-xml";
  const { request, credential, region } = await readWireRequest(message, { ...options, service, streams });
  const name = protocol.findOperationName(request, schemas);
  const operation = name === undefined ? undefined : schemas.findOperation(name);
  if (operation === undefined) throw unknownOperation(service, name);
  const input = await readInput(protocol, request, operation);
  const { account } = options;
  const { principal } = credential;
  const context = { service, operation: operation.name, requestId, region, account, principal, host: request.host };
  const output = await runOperation(options, context, input);
  return protocol.writeOutput(operation, output, requestId);
}

async function readInput(protocol: WireProtocol, request: WireRequest, operation: OperationSchema) {
  let input: Record<string, unknown>;
  try {
    input = await protocol.readInput(request, operation);
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError("SerializationException", "The request body could not be read.", { cause: error });
  }
  const missing = requiredMembers(operation.input).filter((name) => input[name] === undefined);
  if (missing.length === 0) return input;
  const details = missing.map(
    (name) => `Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
  const plural = missing.length === 1 ? "error" : "errors";
  throw new AwsError("ValidationException", `${missing.length} validation ${plural} detected: ${details.join("; ")}`);
}

async function runOperation(options: AwsApiOptions, context: CallContext, input: Record<string, unknown>) {
  const table = options.services[context.service] as OperationTable | undefined;
  const operation = table?.[context.operation];
  if (operation === undefined) throw unsupportedOperation(context);
  const denial = options.authorizer.authorize(context, operation.permissions(input as never, context));
  if (denial !== undefined) {
    // awsJson services model it as an exception; awsQuery and S3 do not.
    const name = serviceTable[context.service]?.protocol === "json" ? "AccessDeniedException" : "AccessDenied";
    throw new AwsError(name, denial.message, { statusCode: name === "AccessDenied" ? 403 : 400 });
  }
  return (await operation.run(input as never, context)) as Record<string, unknown>;
}

function awsErrorOf(options: AwsApiOptions, error: unknown, requestId: string): AwsError {
  if (error instanceof AwsError) return error;
  options.onDefect(error, requestId);
  const message = "We encountered an internal error. Please try again.";
  return new AwsError("InternalFailure", message, { statusCode: 500, cause: error });
}

function unsupportedService(name: string): AwsError {
  return new AwsError("NotImplemented", `Chubo does not support the service ${name} (see docs/deviations.md)`, {
    statusCode: 501,
  });
}

function unknownOperation(service: string, name: string | undefined): AwsError {
  const message =
    name === undefined ? `The request names no operation of ${service}.` : `Unknown operation ${service}:${name}`;
  return new AwsError("UnknownOperationException", message, { statusCode: 404 });
}

function unsupportedOperation({ service, operation }: CallContext): AwsError {
  const message = `Chubo does not support ${service}:${operation} yet (see docs/deviations.md)`;
  return new AwsError("NotImplemented", message, { statusCode: 501 });
}
