/** What a run did, as `chubo run --json` prints it. Schema: docs/run-result.schema.json. */
export interface RunResult {
  status: "SUCCEEDED" | "FAILED" | "STOPPED";
  stacks: StackResult[];
  builds: BuildResult[];
  /** Of `--batch`; `builds` are its builds. */
  batch?: BatchResult;
  images: ImageResult[];
  pulls: PullResult[];
  iam: {
    denied: { action: string; resource: string; principal: string }[];
    unused: { action: string; resource: string }[];
  };
}

export interface StackResult {
  name: string;
  status: string;
  outputs: Record<string, string>;
  /** Resources that failed, and why. */
  failures: { logicalId: string; type: string; reason: string }[];
}

export interface BuildResult {
  id: string;
  project: string;
  /** Of a batch's build: its identifier. */
  task?: string;
  status: string;
  phases: PhaseResult[];
  artifacts: ArtifactResult[];
  exportedVariables: { name: string; value: string }[];
}

export interface BatchResult {
  id: string;
  project: string;
  status: string;
  phases: PhaseResult[];
  /** Status and build are absent where the task was never started. */
  groups: { identifier: string; dependsOn: string[]; ignoreFailure: boolean; status?: string; build?: string }[];
  /** The combined one. */
  artifacts: ArtifactResult[];
  /** Those of all builds; of several of one name that of the later task. */
  exportedVariables: { name: string; value: string }[];
}

export interface PhaseResult {
  phaseType: string;
  phaseStatus?: string;
  durationInSeconds?: number;
  contexts: { statusCode: string; message: string }[];
}

export interface ArtifactResult {
  name: string;
  path: string;
  files: string[];
}

/** An image that was pushed during the run. Size in bytes, as ECR counts it: config and layers, compressed. */
export interface ImageResult {
  registry: string;
  repository: string;
  tag: string | null;
  digest: string;
  size: number;
}

/** A manifest that was asked of an upstream registry. */
export interface PullResult {
  reference: string;
  registry: string;
  as: string;
  counted: boolean;
  source: string;
  status: number;
}
