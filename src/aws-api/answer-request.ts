import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "./authenticate.ts";
import type { AwsApi, AwsApiOptions } from "./aws-api.ts";
import { AwsError } from "./aws-error.ts";
import { parseAwsHost } from "./aws-host.ts";
import { openJsonProtocol } from "./json-protocol.ts";
import { protocolError } from "./protocol-error.ts";
import { openQueryProtocol } from "./query-protocol.ts";
import { readWireRequest } from "./read-wire-request.ts";
import { openRestXmlProtocol } from "./rest-xml-protocol.ts";
import { findOperation, runOperation, unsupported } from "./run-operation.ts";
import { findServiceDescription, type Protocol, type ServiceDescription, serviceTable } from "./sdk-schemas.ts";
import { sendWireResponse } from "./send-wire-response.ts";
import { loadServiceSchemas, noSchemas, type ServiceSchemas } from "./service-schemas.ts";
import { findSignature, isPresignedV2 } from "./signature.ts";
import type { OpenProtocol, WireProtocol, WireRequest, WireResponse } from "./wire.ts";

const openProtocol: Record<Protocol, OpenProtocol> = {
  json: openJsonProtocol,
  query: openQueryProtocol,
  "rest-xml": openRestXmlProtocol,
};

/** A service that can be spoken to; one that is not there only has a protocol to be refused in. */
interface LoadedService {
  name: string;
  isKnown: boolean;
  protocolName: Protocol;
  protocol: WireProtocol;
  schemas: ServiceSchemas;
}

export interface WireApi {
  handle: AwsApi["handle"];
  /** Loads the schemas of a service ahead of its first request. */
  load(service: string): Promise<unknown>;
}

/** Answers requests on the wire: service, identity, operation, input, permission, run, output. Errors leave in one place. */
export function openWireApi(options: AwsApiOptions): WireApi {
  const loaded = new Map<string, Promise<LoadedService>>();
  const load = (name: string) => {
    const description = findServiceDescription(name);
    if (description === undefined) return undefined;
    const loading = loaded.get(name) ?? loadService(name, description);
    loaded.set(name, loading);
    return loading;
  };
  return {
    load: async (service) => load(service),
    async handle(message, response) {
      const requestId = options.newRequestId();
      const request = readWireRequest(message);
      const name = identifyService(request);
      const service = await (load(name) ?? loadUnknown(name, request));
      try {
        await sendWireResponse(message, response, await answer(options, service, message, request, requestId));
      } catch (error) {
        await refuse(options, service, message, response, requestId, error);
      }
      // What a refused upload still sends has to be read before the connection can be used again.
      if (!message.readableEnded && !message.destroyed) message.resume();
    },
  };
}

/** By the scope of the signature; for an unsigned request by its target or its host. */
function identifyService(request: WireRequest): string {
  const scope = findSignature(request)?.service;
  if (scope !== undefined) return scope;
  if (isPresignedV2(request.query)) return "s3";
  const prefix = request.headers["x-amz-target"]?.split(".")[0];
  const byTarget = Object.entries(serviceTable).find(
    ([, { target }]) => target !== undefined && target === prefix,
  )?.[0];
  return byTarget ?? parseAwsHost(request.host)?.service ?? "unknown";
}

async function loadService(name: string, description: ServiceDescription): Promise<LoadedService> {
  const protocolName = description.protocol;
  const [schemas, protocol] = await Promise.all([
    loadServiceSchemas(description),
    openProtocol[protocolName](description),
  ]);
  return { name, isKnown: true, protocolName, protocol, schemas };
}

async function loadUnknown(name: string, { headers }: WireRequest): Promise<LoadedService> {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  const protocolName = isForm ? "query" : "json";
  return { name, isKnown: false, protocolName, protocol: await openProtocol[protocolName]({}), schemas: noSchemas };
}

async function answer(
  options: AwsApiOptions,
  { name: service, isKnown, protocolName, protocol, schemas }: LoadedService,
  message: IncomingMessage,
  request: WireRequest,
  requestId: string,
): Promise<WireResponse> {
  const { credential, region } = await authenticate(message, request, { ...options, protocol: protocolName });
  if (!isKnown) throw unsupported(protocolName, `the service ${service}`);
  const name = protocol.findOperationName(request, schemas);
  const operation = name === undefined ? undefined : schemas.operations.get(name);
  if (operation === undefined) throw unknownOperation(protocolName, name);
  // Before its input is read: what is not supported need not be well-formed.
  if ((await findOperation(options.services, service, operation.name)) === undefined) {
    throw unsupported(protocolName, `${service}:${operation.name}`);
  }
  const input = await protocol.readInput(request, operation);
  const { account } = options;
  const { principal } = credential;
  const context = { service, operation: operation.name, requestId, region, account, principal, host: request.host };
  const output = ((await runOperation(options, context, input)) ?? {}) as Record<string, unknown>;
  return protocol.writeOutput(operation, output, requestId);
}

function unknownOperation(protocol: Protocol, name: string | undefined): AwsError {
  if (protocol !== "query" || name === undefined) return protocolError(protocol, "unknownOperation");
  const message = `The action ${name} is not valid for this web service.`;
  return protocolError(protocol, "unknownOperation", { message });
}

async function refuse(
  options: AwsApiOptions,
  { protocol, protocolName, schemas }: LoadedService,
  message: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AwsError) && !isAbandonment(error, response)) options.onDefect(error, requestId);
  if (response.headersSent) {
    // Half an answer can only be cut off.
    response.destroy();
    return;
  }
  const awsError = error instanceof AwsError ? error : protocolError(protocolName, "defect", { cause: error });
  await sendWireResponse(message, response, protocol.writeError(awsError, schemas, requestId));
}

/** The client went away while its body was read or the answer was sent. */
function isAbandonment(error: unknown, response: ServerResponse): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  const isGone = response.destroyed || response.socket?.destroyed !== false;
  return isGone && ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"].includes(code);
}
