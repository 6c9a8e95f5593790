/**
 * A buildspec as its keys define it.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export interface Buildspec {
  version: "0.1" | "0.2";
  /** Linux user of all commands; a phase's own wins. */
  runAs: string | undefined;
  shell: "sh" | "bash";
  /** Literal values: `$` is not expanded. */
  variables: Record<string, string>;
  /** Variable name → parameter name. */
  parameterStore: Record<string, string>;
  /** Variable name → `secret-id:json-key:version-stage:version-id`, as written. */
  secretsManager: Record<string, string>;
  exportedVariables: string[];
  gitCredentialHelper: boolean;
  /**
   * On AWS: whether a build behind a proxy of its owner's may send these. Every build goes through the one port here, and
   * artifacts and logs take no way that a proxy could close, so both answers come to the same.
   */
  proxy: { uploadArtifacts: boolean; logs: boolean };
  batch: BatchBlock | undefined;
  phases: Partial<Record<PhaseName, BuildspecPhase>>;
  /** In the order of the document, as the log counts them. */
  phaseOrder: PhaseName[];
  /** In the order of the document. */
  reports: ReportBlock[];
  artifacts: ArtifactsBlock | undefined;
  secondaryArtifacts: Record<string, ArtifactsBlock>;
  cache: CacheBlock | undefined;
  /** Keys that have an effect on AWS and none here, and keys that nobody knows: the build's log names them. */
  notCarriedOut: string[];
  unknownKeys: string[];
}

export const phaseNames = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface BuildspecPhase {
  runAs: string | undefined;
  commands: string[];
  finally: string[];
  onFailure: OnFailure | undefined;
  /** `install` only: runtime name → version. */
  runtimeVersions: Record<string, string>;
}

/** `count` is how often a failed phase is tried again; `pattern` is what its error message must match for that. */
export type OnFailure =
  | { action: "ABORT" }
  | { action: "CONTINUE" }
  | { action: "RETRY"; count: number; pattern: string };

export interface ArtifactsBlock {
  files: string[];
  baseDirectory: string | undefined;
  excludePaths: string[];
  discardPaths: boolean;
  enableSymlinks: boolean;
  name: string | undefined;
  s3Prefix: string | undefined;
}

export interface ReportBlock {
  /** Name of a report group, or its ARN. */
  name: string;
  files: string[];
  baseDirectory: string | undefined;
  discardPaths: boolean;
  /** In capitals. */
  fileFormat: string;
}

export interface CacheBlock {
  key: string | undefined;
  fallbackKeys: string[];
  action: "restore" | "save" | "both";
  paths: string[];
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html */
export interface BatchBlock {
  fastFail: boolean;
  plan: BatchPlan;
}

export type BatchPlan =
  | { kind: "graph" | "list"; tasks: BatchTask[] }
  | { kind: "matrix"; matrix: BatchMatrix }
  | { kind: "fanout"; parallelism: number; ignoreFailure: boolean };

export interface BatchTask {
  /** Names the line, for what only the whole batch can tell. */
  line: number | undefined;
  identifier: string;
  buildspec: string | undefined;
  debugSession: boolean;
  /** Identifiers; a graph's tasks only. */
  dependOn: string[];
  environment: BatchEnvironment;
  ignoreFailure: boolean;
}

/** What a task overrides of the project's environment. */
export interface BatchEnvironment {
  computeType?: string;
  fleet?: string;
  image?: string;
  privilegedMode?: boolean;
  type?: string;
  variables: Record<string, string>;
}

/** All combinations of the dynamic lists are built. */
export interface BatchMatrix {
  ignoreFailure: boolean;
  environment: BatchEnvironment;
  buildspecs: string[];
  computeTypes: string[];
  images: string[];
  types: string[];
  variables: Record<string, string[]>;
}

/**
 * A buildspec that CodeBuild would refuse. CodeBuild starts the build and fails it in DOWNLOAD_SOURCE with the context
 * YAML_FILE_ERROR, so this is not a usage error. `message` is AWS's wording where it is known; place and hint are ours.
 */
export class BuildspecError extends Error {
  override readonly name = "BuildspecError";
  /** From 1, in the buildspec's own text. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: { line?: number; column?: number; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.line = options.line;
    this.column = options.column;
    this.hint = options.hint;
  }
}
