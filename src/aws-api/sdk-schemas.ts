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
export const serviceTable: Readonly<Record<string, ServiceDescription>> = {
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

/** For names that come from a request, which may be those of an object's own methods. */
export function findServiceDescription(name: string): ServiceDescription | undefined {
  return Object.hasOwn(serviceTable, name) ? serviceTable[name] : undefined;
}
