import type { Readable } from "node:stream";
import type { AwsError } from "./aws-error.ts";
import type { ServiceDescription } from "./sdk-schemas.ts";
import type { OperationSchema, ServiceSchemas } from "./service-schemas.ts";

/** An HTTP request as the protocols see it. Header names are lower case. */
export interface WireRequest {
  method: string;
  host: string;
  /** Percent-encoded, as sent. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** Whole, but for S3, where it is decoded and verified as it is read. */
  body: Buffer | Readable;
  /** Told of what comes after an aws-chunked body, before the body's end is: `x-amz-checksum-crc32`. */
  onTrailer?(name: string, value: string): void;
}

export interface WireResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string | Uint8Array | Readable;
}

/** One of AWS's wire protocols. https://smithy.io/2.0/aws/protocols/index.html */
export interface WireProtocol {
  /** Name of the operation, undefined where the request names none. */
  findOperationName(request: WireRequest, schemas: ServiceSchemas): string | undefined;
  readInput(request: WireRequest, operation: OperationSchema): Promise<Record<string, unknown>>;
  writeOutput(operation: OperationSchema, output: Record<string, unknown>, requestId: string): WireResponse;
  writeError(error: AwsError, schemas: ServiceSchemas, requestId: string): WireResponse;
}

export type OpenProtocol = (description: Partial<ServiceDescription>) => Promise<WireProtocol>;
