import type { ImageUse } from "./image-use.ts";
import type { TextRange } from "./source-file.ts";

/** A run of commands on one machine with one Docker configuration: a CodeBuild build, a job of a CI. */
export interface BuildJob {
  runner: JobRunner;
  /** Logical ID of the project, key of the job, or path of the buildspec. */
  name: string;
  /** Where it is declared. */
  range: TextRange;
  /** Images that the runner pulls before the first step, as whoever the runner is told to be. */
  runnerImages: readonly RunnerImage[];
  /** In the order in which they run, as far as that is constant. */
  steps: readonly BuildStep[];
  /** What only CodeBuild has. A buildspec by itself gives its part, a template's project the rest. */
  codeBuild?: CodeBuildJob;
  /** Runs on machines of the user's own: GitHub's `runs-on: self-hosted`, GitLab's `tags`. */
  selfHosted?: boolean;
}

export type JobRunner =
  | "codebuild"
  | "github-actions"
  | "gitlab-ci"
  | "circleci"
  | "bitbucket"
  | "azure-pipelines"
  | "jenkins"
  /** A script of which it is not said who runs it. */
  | "script";

export interface RunnerImage {
  image: ImageUse;
  /** The runner has credentials for it: `registryCredential`, `container.credentials`, `auth`. */
  hasCredentials: boolean;
}

/** What a step does with registries; whatever else it does is left out. */
export type BuildStep = LoginStep | PullStep | BuildImageStep | ComposeStep | MirrorStep;

export interface LoginStep {
  kind: "login";
  range: TextRange;
  /** The host as written; undefined where none is: Docker Hub. Variables put in as far as they are constant. */
  host: string | undefined;
  /** As written: `$DOCKERHUB_USERNAME`, `alice`; undefined where it is asked for. */
  userName: string | undefined;
  /** How the password comes: `-p` shows it in the process list and, without masking, in the log. */
  password: "stdin" | "argument" | "prompt" | "action" | "helper";
  /** The variable that the password comes from, without `$`. */
  passwordVariable?: string;
  /** `login || true`: a failure does not stop the build. */
  mayFail?: boolean;
  /** Runs only if this holds: the `if` of a workflow's step, as written. */
  condition?: string;
}

export interface PullStep {
  kind: "pull";
  range: TextRange;
  image: ImageUse;
  /** Tried again by a loop or a retry tool around it. */
  retried?: boolean;
}

/** `docker build`, `buildx build`, `podman build`, `kaniko`, `buildah bud`, an action that does it. */
export interface BuildImageStep {
  kind: "build";
  range: TextRange;
  tool: "docker" | "buildx" | "podman" | "buildah" | "kaniko" | "action" | "compose" | "bake";
  /** Relative to the working directory as far as that is constant; undefined where it is not. */
  context: string | undefined;
  /** Undefined: `Dockerfile` in the context. */
  dockerfile: string | undefined;
  target?: string;
  /** `--build-arg NAME=VALUE`, of which the value is constant. */
  buildArguments: Readonly<Record<string, string>>;
  /** What `bake` reads, where it is said. */
  bakeFiles?: readonly string[];
  retried?: boolean;
}

/** `docker compose up|build|pull|run`. */
export interface ComposeStep {
  kind: "compose";
  range: TextRange;
  verb: string;
  /** `-f` files; empty for the default ones. */
  files: readonly string[];
  retried?: boolean;
}

/** The job points its engine to a mirror: `registry-mirrors`, `--registry-mirror`, buildkitd.toml. */
export interface MirrorStep {
  kind: "mirror";
  range: TextRange;
  url: string | undefined;
}

/** What a CodeBuild project and its buildspec say about pulls. Undefined members are not said in the file at hand. */
export interface CodeBuildJob {
  /** Declared as a project; otherwise a buildspec alone. */
  isProject?: boolean;
  environmentImage?: ImageUse;
  /** `aws/codebuild/…`: kept by AWS itself, though it looks like Docker Hub's. */
  isCuratedImage?: boolean;
  imagePullCredentialsType?: string;
  registryCredential?: TextRange;
  privileged?: boolean;
  /** In a VPC it leaves by that VPC's own addresses. */
  hasVpc?: boolean;
  /** Environment variables that come out of Secrets Manager, by project or buildspec. */
  secrets: readonly BuildSecret[];
  /** Path in the source, where the project does not hold the buildspec itself. */
  buildspecPath?: string;
  hasInlineBuildspec?: boolean;
  /** The statements of the project's role; undefined where the role is not in the template, or not constant. */
  role?: BuildRole;
}

export interface BuildSecret {
  variable: string;
  /** As written: `dockerhub:username`, `!Ref Secret` → `${Secret}`. */
  reference: string;
  range: TextRange;
}

export interface BuildRole {
  logicalId: string;
  range: TextRange;
  statements: readonly RoleStatement[];
  /** A policy that cannot be read here: a managed one that is not in the file. */
  hasUnknownPolicies: boolean;
}

export interface RoleStatement {
  effect: "Allow" | "Deny";
  actions: readonly string[];
  /** With `${LogicalId}` for what only the stack decides. */
  resources: readonly string[];
  range: TextRange;
  /** Where each resource stands, in the same order. */
  resourceRanges: readonly TextRange[];
}
