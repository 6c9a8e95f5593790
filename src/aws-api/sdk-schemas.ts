import type { NormalizedSchema } from "@smithy/core/schema";

export type Protocol = "json" | "query" | "rest-xml";

/** A row of the service table. */
export interface ServiceDescription {
  protocol: Protocol;
  /** Name in the credential scope of a signature, where it is not the service's own. */
  signingName?: string;
  /** First label of the endpoint's host, where it is not the service's own. */
  hostLabel?: string;
  /** `X-Amz-Target` prefix and version of an awsJson service. */
  target?: string;
  jsonVersion?: "1.0" | "1.1";
  /** XML namespace of the answers of an awsQuery or restXml service. */
  xmlNamespace?: string;
  load(): Promise<Record<string, unknown>>;
}

/**
 * The services that Chubo knows on the wire. This is the only file that imports the SDK's clients, each on first use:
 * their packages export the schemas (`GetCallerIdentity$`), whose encoding is internal to the SDK, so versions are pinned.
 */
export const serviceTable: Record<string, ServiceDescription> = {
  sts: {
    protocol: "query",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    load: () => import("@aws-sdk/client-sts"),
  },
  iam: {
    protocol: "query",
    xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    load: () => import("@aws-sdk/client-iam"),
  },
  cloudformation: {
    protocol: "query",
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    load: () => import("@aws-sdk/client-cloudformation"),
  },
  s3: {
    protocol: "rest-xml",
    xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
    load: () => import("@aws-sdk/client-s3"),
  },
  secretsmanager: {
    protocol: "json",
    jsonVersion: "1.1",
    target: "secretsmanager",
    load: () => import("@aws-sdk/client-secrets-manager"),
  },
  ssm: { protocol: "json", jsonVersion: "1.1", target: "AmazonSSM", load: () => import("@aws-sdk/client-ssm") },
  ecr: {
    protocol: "json",
    jsonVersion: "1.1",
    target: "AmazonEC2ContainerRegistry_V20150921",
    hostLabel: "api.ecr",
    load: () => import("@aws-sdk/client-ecr"),
  },
  ecs: {
    protocol: "json",
    jsonVersion: "1.1",
    target: "AmazonEC2ContainerServiceV20141113",
    load: () => import("@aws-sdk/client-ecs"),
  },
  codebuild: {
    protocol: "json",
    jsonVersion: "1.1",
    target: "CodeBuild_20161006",
    load: () => import("@aws-sdk/client-codebuild"),
  },
  logs: {
    protocol: "json",
    jsonVersion: "1.1",
    target: "Logs_20140328",
    load: () => import("@aws-sdk/client-cloudwatch-logs"),
  },
};

/** An operation as the SDK's schemas describe it. */
export interface OperationSchema {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Method, path template and status of a REST operation: `["PUT", "/{Key+}?x-id=PutObject", 200]`. */
  http?: [string, string, number];
}

/** The schemas of one service. */
export interface ServiceSchemas {
  findOperation(name: string): OperationSchema | undefined;
  operationNames: readonly string[];
  /** An error's schema by its name or its awsQuery code. */
  findError(name: string): { schema: NormalizedSchema; statusCode: number; code: string } | undefined;
}

type SchemaTuple = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: Record<string, unknown> | number,
  first: unknown,
  second: unknown,
  required?: number,
];

const operationKind = 9;
const errorKind = -3;

export async function loadServiceSchemas(description: ServiceDescription): Promise<ServiceSchemas> {
  const [module, { NormalizedSchema }] = await Promise.all([description.load(), import("@smithy/core/schema")]);
  const operations = new Map<string, SchemaTuple>();
  const errors = new Map<string, SchemaTuple>();
  for (const [key, value] of Object.entries(module)) {
    if (!key.endsWith("$") || !Array.isArray(value)) continue;
    const tuple = value as unknown as SchemaTuple;
    if (tuple[0] === operationKind) operations.set(tuple[2], tuple);
    if (tuple[0] !== errorKind) continue;
    errors.set(tuple[2], tuple);
    errors.set(queryErrorOf(tuple)?.[0] ?? tuple[2], tuple);
  }
  return {
    operationNames: [...operations.keys()],
    findOperation(name) {
      const tuple = operations.get(name);
      if (tuple === undefined) return undefined;
      const http = (tuple[3] as { http?: [string, string, number] }).http;
      const [input, output] = [tuple[4], tuple[5]].map((schema) => NormalizedSchema.of(schema as never));
      return { name, input, output, ...(http === undefined ? {} : { http }) } as OperationSchema;
    },
    findError(name) {
      const tuple = errors.get(name);
      if (tuple === undefined) return undefined;
      const [code, statusCode] = queryErrorOf(tuple) ?? [
        tuple[2],
        (tuple[3] as { httpError?: number }).httpError ?? 400,
      ];
      return { schema: NormalizedSchema.of(tuple as never), statusCode, code };
    },
  };
}

function queryErrorOf(tuple: SchemaTuple): [string, number] | undefined {
  return (tuple[3] as { awsQueryError?: [string, number] }).awsQueryError;
}

/** Names of the members without which a structure is refused: the schema counts them at its end. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  const tuple = schema.getSchema() as unknown;
  if (!Array.isArray(tuple) || !Array.isArray(tuple[4])) return [];
  return (tuple[4] as string[]).slice(0, (tuple[6] as number | undefined) ?? 0);
}
