import type { NormalizedSchema } from "@smithy/core/schema";
import type { ServiceDescription } from "./sdk-schemas.ts";

/** An operation as the SDK's schemas describe it. */
export interface OperationSchema {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Method, path template and status of a REST operation: `["PUT", "/{Key+}?x-id=PutObject", 200]`. */
  http: [string, string, number] | undefined;
}

export interface ErrorSchema {
  statusCode: number;
  /** Name on the wire of awsQuery: `NoSuchEntity` for NoSuchEntityException. */
  code: string;
}

/** The schemas of one service. */
export interface ServiceSchemas {
  operations: ReadonlyMap<string, OperationSchema>;
  /** By the error's name or its awsQuery code. */
  errors: ReadonlyMap<string, ErrorSchema>;
}

/** For requests of services that are not there. */
export const noSchemas: ServiceSchemas = { operations: new Map(), errors: new Map() };

/** How the SDK encodes a schema: https://github.com/smithy-lang/smithy-typescript, packages/types/src/schema/static-schemas.ts */
type SchemaTuple = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: Record<string, unknown> | number,
  first: unknown,
  second: unknown,
  required?: number,
];

interface ErrorTraits {
  error: "client" | "server";
  httpError?: number;
  awsQueryError?: [code: string, statusCode: number];
}

const operationKind = 9;
const errorKind = -3;

export async function loadServiceSchemas(description: ServiceDescription): Promise<ServiceSchemas> {
  const [client, { NormalizedSchema }] = await Promise.all([description.load(), import("@smithy/core/schema")]);
  const operations = new Map<string, OperationSchema>();
  const errors = new Map<string, ErrorSchema>();
  for (const [key, value] of Object.entries(client)) {
    if (!key.endsWith("$") || !Array.isArray(value)) continue;
    const [kind, , name, traits, first, second] = value as unknown as SchemaTuple;
    if (kind === operationKind) {
      const { http } = traits as { http?: OperationSchema["http"] };
      const [input, output] = [first, second].map((schema) => NormalizedSchema.of(schema as never));
      operations.set(name, { name, input, output, http } as OperationSchema);
    }
    if (kind === errorKind) {
      const { awsQueryError, httpError, error } = traits as unknown as ErrorTraits;
      const [code, statusCode] = awsQueryError ?? [name, httpError ?? (error === "server" ? 500 : 400)];
      errors.set(name, { code, statusCode }).set(code, { code, statusCode });
    }
  }
  return { operations, errors };
}

/** Names of the members without which a structure is refused: the schema counts them at its end. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  const tuple = schema.getSchema() as unknown;
  if (!Array.isArray(tuple) || !Array.isArray(tuple[4])) return [];
  return (tuple[4] as string[]).slice(0, (tuple[6] as number | undefined) ?? 0);
}
