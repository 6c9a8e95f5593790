/**
 * A buildspec as its keys define it.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export interface Buildspec {
  version: "0.1" | "0.2";
  shell: "sh" | "bash";
  /** Literal values: `$` is not expanded. */
  variables: Record<string, string>;
  /** Variable name → parameter name. */
  parameterStore: Record<string, string>;
  /** Variable name → `secret-id:json-key:version-stage:version-id`, as written. */
  secretsManager: Record<string, string>;
  exportedVariables: string[];
  phases: Partial<Record<PhaseName, BuildspecPhase>>;
  /** In the order of the document, as the log counts them. */
  phaseOrder: PhaseName[];
  artifacts: ArtifactsBlock | undefined;
  secondaryArtifacts: Record<string, ArtifactsBlock>;
  /** Keys that have an effect on AWS and none here, and keys that nobody knows: the build's log names them. */
  notCarriedOut: string[];
  unknownKeys: string[];
}

export const phaseNames = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface BuildspecPhase {
  commands: string[];
  finally: string[];
  onFailure: "ABORT" | "CONTINUE" | undefined;
  /** `install` only: runtime name → version. */
  runtimeVersions: Record<string, string>;
}

export interface ArtifactsBlock {
  files: string[];
  baseDirectory: string | undefined;
  excludePaths: string[];
  discardPaths: boolean;
  name: string | undefined;
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
