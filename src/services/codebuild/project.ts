import type { Project } from "@aws-sdk/client-codebuild";

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
}

export interface SourceRecord {
  type: string;
  location?: string;
  buildspec?: string;
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
}

/** A project as it is stored. Times in milliseconds since 1970. */
export interface ProjectRecord {
  name: string;
  arn: string;
  description?: string;
  source: SourceRecord;
  artifacts: ArtifactsRecord;
  environment: ProjectEnvironmentRecord;
  serviceRole: string;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  /** Number of the newest build. */
  builds: number;
  created: number;
  lastModified: number;
  tags: { key?: string; value?: string }[];
}

/** The record in the shape of the API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html */
export function describeProject(project: ProjectRecord): Project {
  const { builds: _, created, lastModified, environment, source, artifacts, ...rest } = project;
  return {
    ...rest,
    source: { ...source, insecureSsl: false } as NonNullable<Project["source"]>,
    secondarySources: [],
    secondarySourceVersions: [],
    artifacts: artifacts as NonNullable<Project["artifacts"]>,
    secondaryArtifacts: [],
    cache: { type: "NO_CACHE" },
    environment: environment as NonNullable<Project["environment"]>,
    badge: { badgeEnabled: false },
    projectVisibility: "PRIVATE",
    created: new Date(created),
    lastModified: new Date(lastModified),
  };
}
