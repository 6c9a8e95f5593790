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
  /** Scripts and recipes of the repository that the job runs; their steps are those of other files' jobs. */
  calls?: readonly ScriptCall[];
  /** What only CodeBuild has. A buildspec by itself gives its part, a template's project the rest. */
  codeBuild?: CodeBuildJob;
  /** Runs on machines of the user's own: GitHub's `runs-on: self-hosted`, GitLab's `tags`. */
  selfHosted?: boolean;
  /** Where the relative paths of its steps start, where that is not the checked directory: a compose file's own. */
  directory?: string;
}

export interface ScriptCall {
  range: TextRange;
  /** From where the job begins: `ci/build.sh`, `Makefile`, `web/package.json`. */
  path: string;
  /** The recipe of a Makefile or justfile, the script of a package.json; undefined for the first one. */
  target?: string;
  /** How many of the job's steps come before it. */
  stepsBefore: number;
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
  /**
   * How the password comes: `-p` shows it in the process list and, without masking, in the log. `config`: written into the
   * client's file, where `host` is the key as it stands there.
   */
  password: "stdin" | "argument" | "prompt" | "action" | "helper" | "config";
  /** The variable that the password comes from, without `$`. */
  passwordVariable?: string;
  /** The client knows a registry by any of its hosts: podman, buildah, skopeo, crane. Docker takes the host as typed. */
  normalizesHost?: boolean;
  /** `login || true`: a failure does not stop the build. */
  mayFail?: boolean;
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
  /** Those that are given too, with a value that is not constant: the Dockerfile's default does not hold for them. */
  unknownBuildArguments?: readonly string[];
  /** Of `bake`: its `-f` files, empty for the default ones, and the targets that it names. */
  files?: readonly string[];
  targets?: readonly string[];
  retried?: boolean;
  /** The compose service or bake target that is built. */
  name?: string;
  /** The Dockerfile stands in this step's own file, where its images are listed. */
  isInline?: boolean;
  /** Names that mean no image or stage in the Dockerfile: `--build-context NAME=`. */
  contexts?: readonly string[];
}

/** `docker compose up|build|pull|run`. */
export interface ComposeStep {
  kind: "compose";
  range: TextRange;
  verb: string;
  /** `-f` files; empty for the default ones. */
  files: readonly string[];
  /** Where the default files are looked for; undefined for the working directory. */
  directory?: string;
  /** The services that are named: these and what they depend on are pulled. */
  services?: readonly string[];
  retried?: boolean;
}

/** The job points its engine to a mirror: `registry-mirrors`, `--registry-mirror`, buildkitd.toml. */
export interface MirrorStep {
  kind: "mirror";
  range: TextRange;
  url: string | undefined;
  /** Whose it is, where that is known. */
  client?: MirrorClient;
}

/** `containers`: podman, buildah and skopeo, which share one configuration. */
export type MirrorClient = "docker" | "buildkit" | "containers" | "containerd" | "kaniko";

/** What a CodeBuild project and its buildspec say about pulls. Undefined members are not said in the file at hand. */
export interface CodeBuildJob {
  /** Declared as a project; otherwise a buildspec alone. */
  isProject?: boolean;
  environmentImage?: ImageUse;
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
  /** Environment variables of the project that are plain text, with `${LogicalId}` for what only the stack decides. */
  variables?: Readonly<Record<string, string>>;
  /** Where an edit of the template puts what it adds; of a project alone. */
  places?: CodeBuildPlaces;
}

export interface CodeBuildPlaces {
  format: "yaml" | "json";
  template: TemplatePlaces;
  /** The resource's body. */
  resource: CollectionPlace;
  properties?: CollectionPlace;
  environment?: CollectionPlace;
  /** The list below `EnvironmentVariables`; undefined where there is none. */
  environmentVariables?: CollectionPlace;
  /** The whole value of `BuildSpec`, `!Sub` and a block's head included. */
  inlineBuildspec?: TextRange;
  /** The whole value of `ServiceRole`. */
  serviceRole?: TextRange;
}

/** Where a template takes another resource or parameter. */
export interface TemplatePlaces {
  root: CollectionPlace;
  resources: CollectionPlace;
  /** The start of the key. */
  resourcesKey: number;
  parameters?: CollectionPlace;
}

/** A map or list that takes another entry. */
export interface CollectionPlace {
  /** From its first character to its last; no line end after it. */
  range: TextRange;
  /** Of its keys, or of the dashes of its items, from 0; what an added line of a block is indented by. */
  column: number;
  /** In `{…}` or `[…]`, as everything in JSON. */
  isFlow: boolean;
  isEmpty: boolean;
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
  /** Where an edit of the template adds a policy or a statement. */
  places?: RolePlaces;
}

export interface RolePlaces {
  format: "yaml" | "json";
  properties?: CollectionPlace;
  /** The list below the role's own `Policies`. */
  policies?: CollectionPlace;
  /** The statements of the first policy that is written as a list of its own, in the role or attached to it. */
  statements?: CollectionPlace;
}

export interface RoleStatement {
  effect: "Allow" | "Deny";
  actions: readonly string[];
  /** With `${LogicalId}` for what only the stack decides. */
  resources: readonly string[];
  range: TextRange;
  /** Where each resource stands, in the same order. */
  resourceRanges: readonly TextRange[];
  /** Has a `Condition`, or stands in a branch of `Fn::If`: it may not hold. */
  isConditional?: boolean;
}
