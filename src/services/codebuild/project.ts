import type { CreateProjectCommandInput, Project, Webhook } from "@aws-sdk/client-codebuild";

export type VariableType = "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";

export interface VariableRecord {
  name: string;
  /** For a secret or parameter: its reference, never its value. */
  value: string;
  type: VariableType;
}

export interface ProjectEnvironmentRecord {
  type: string;
  image: string;
  computeType: string;
  privilegedMode: boolean;
  environmentVariables: VariableRecord[];
  imagePullCredentialsType?: string;
  /** A secret with the keys username and password, for pulling the image. */
  registryCredential?: { credential: string | undefined; credentialProvider: string | undefined };
  certificate?: string;
  fleet?: unknown;
  dockerServer?: unknown;
  hostKernel?: unknown;
}

export interface SourceRecord {
  type: string;
  location?: string;
  buildspec?: string;
  gitCloneDepth?: number;
  gitSubmodulesConfig?: { fetchSubmodules: boolean | undefined };
  /** Of a secondary source: its name in variables and artifacts. */
  sourceIdentifier?: string;
  /** Kept and shown; the directory that stands in for a repository needs none of these. */
  auth?: unknown;
  reportBuildStatus?: boolean;
  buildStatusConfig?: unknown;
  insecureSsl?: boolean;
}

/** Which version of a secondary source is built. */
export interface SourceVersionRecord {
  sourceIdentifier: string;
  sourceVersion: string;
}

export interface ArtifactsRecord {
  type: string;
  location?: string;
  path?: string;
  namespaceType?: string;
  name?: string;
  packaging?: string;
  overrideArtifactName?: boolean;
  encryptionDisabled?: boolean;
  artifactIdentifier?: string;
  bucketOwnerAccess?: string;
}

export interface CacheRecord {
  type: string;
  /** `BUCKET[/PREFIX]`, of an S3 cache. */
  location?: string;
  cacheNamespace?: string;
  modes?: string[];
}

/** Members of a project that are kept and shown as they were given. Which of them a build heeds: build-plan.ts says. */
export const settingNames = [
  "secondarySources",
  "secondarySourceVersions",
  "secondaryArtifacts",
  "cache",
  "encryptionKey",
  "vpcConfig",
  "badgeEnabled",
  "logsConfig",
  "fileSystemLocations",
  "buildBatchConfig",
  "concurrentBuildLimit",
  "autoRetryLimit",
] as const;

export type ProjectSettings = Partial<Pick<CreateProjectCommandInput, (typeof settingNames)[number]>>;

/** A project as it is stored. Times in milliseconds since 1970. */
export interface ProjectRecord {
  name: string;
  arn: string;
  description?: string;
  source: SourceRecord;
  sourceVersion?: string;
  artifacts: ArtifactsRecord;
  environment: ProjectEnvironmentRecord;
  serviceRole: string;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  settings: ProjectSettings;
  /** Number of the newest build, and of the newest batch. */
  builds: number;
  /** How often the cache was invalidated. */
  cacheGeneration?: number;
  batches?: number;
  created: number;
  lastModified: number;
  tags: { key?: string; value?: string }[];
  webhook?: WebhookRecord;
}

/** What a provider's events would have to be to start a build. */
export type WebhookRecord = Pick<
  Webhook,
  "branchFilter" | "filterGroups" | "buildType" | "scopeConfiguration" | "pullRequestBuildPolicy"
>;

/** The record in the shape of the API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html */
export function describeProject(project: ProjectRecord): Project {
  const {
    builds: _,
    batches: __,
    cacheGeneration: ___,
    created,
    lastModified,
    environment,
    source,
    artifacts,
    settings,
    ...rest
  } = project;
  const { badgeEnabled = false, ...shown } = settings;
  return {
    secondarySources: [],
    secondarySourceVersions: [],
    secondaryArtifacts: [],
    cache: { type: "NO_CACHE" },
    encryptionKey: defaultEncryptionKey(project.arn),
    ...shown,
    ...rest,
    source: { insecureSsl: false, ...source } as NonNullable<Project["source"]>,
    artifacts: artifacts as NonNullable<Project["artifacts"]>,
    environment: environment as NonNullable<Project["environment"]>,
    badge: { badgeEnabled },
    projectVisibility: "PRIVATE",
    created: new Date(created),
    lastModified: new Date(lastModified),
  };
}

/** An override replaces the project's variable of the same name. */
export function withVariables(
  environment: ProjectRecord["environment"],
  added: readonly VariableRecord[],
): ProjectRecord["environment"] {
  const kept = environment.environmentVariables.filter(({ name }) => !added.some((variable) => variable.name === name));
  return { ...environment, environmentVariables: [...kept, ...added] };
}

/** `arn:aws:kms:REGION:ACCOUNT:alias/aws/s3`, from any ARN of the same region and account. */
export function defaultEncryptionKey(arn: string): string {
  const [, partition, , region, account] = arn.split(":");
  return `arn:${partition}:kms:${region}:${account}:alias/aws/s3`;
}

/** Images named so are AWS's own; no registry has them under these names. */
export function isCuratedImage(image: string): boolean {
  return image.startsWith("aws/codebuild/");
}
