import type { ImageReference } from "../../oci/image-reference.ts";
import type { BuildJob, BuildStep, LoginStep } from "../build-job.ts";
import type { Extraction } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import type { SourceFile } from "../source-file.ts";

/** What a checked directory says as a whole. Rules and remedies read it. */
export interface Repository {
  files: readonly ReadFile[];
  jobs: readonly PlacedJob[];
  pulls: readonly Pull[];
}

export interface ReadFile extends SourceFile {
  /** The reader's name for it: `Dockerfile`. */
  kind: string;
  extraction: Extraction;
}

/** A job with the file that declares it. */
export interface PlacedJob {
  file: ReadFile;
  job: BuildJob;
  /** The buildspec that the steps stand in, where the project names one by its path. */
  stepsFile?: ReadFile;
  /** In the order in which they run, with those of the scripts and recipes that it calls in their places. */
  steps: readonly PlacedStep[];
}

/** A step with the file that it stands in: the job's own, or a script that the job calls. */
export interface PlacedStep {
  step: BuildStep;
  file: ReadFile;
}

/** One image that one job pulls, or that nobody in the directory is seen to pull: a Dockerfile without a build of it. */
export interface Pull {
  /** The file in which the image is named; of a build, the Dockerfile. */
  file: ReadFile;
  image: ImageUse;
  source: PullSource;
  /** Undefined where the source is not constant. */
  reference: ImageReference | undefined;
  isOfficial: boolean;
  /**
   * Manifest GETs that Docker Hub counts for it with an empty cache: 2 for a tag or an index (the index, then the
   * platform's manifest; what docker, BuildKit and containerd send), 0 where it does not come from Docker Hub.
   */
  countedRequests: number;
  job: PlacedJob | undefined;
  /** What pulls it; undefined for what the runner pulls before the first step. */
  step?: PlacedStep;
  as: PullIdentity;
  egress: Egress;
}

export type PullSource =
  | "docker-hub"
  | "other-registry"
  /** `aws/codebuild/standard:7.0`: AWS keeps these itself. */
  | "curated"
  /** Docker Hub's name, and the job has given its client a mirror that is asked first. */
  | "mirror"
  /** Under an ECR pull-through cache rule for Docker Hub. */
  | "pull-through-cache"
  /** Something outside of the file decides: a parameter, a build argument without default, `<IMAGE1_NAME>`. */
  | "not-constant";

export type PullIdentity =
  | { kind: "anonymous"; because: "no-login" | "wrong-host" | "login-later" | "runner-without-credentials" }
  | { kind: "account"; userName: string | undefined; login?: LoginStep }
  /** No job of the directory pulls it, or one with a client's file from elsewhere: whoever does may be logged in. */
  | { kind: "unknown" };

/** Whose address Docker Hub sees. */
export type Egress =
  /** CodeBuild without a VPC: a few addresses for all customers of the region. */
  | "codebuild-shared"
  /** A VPC's NAT, a runner of one's own. */
  | "own"
  /** Hosted runners: shared; GitHub's are said to be exempt for public images, and failures were reported all the same. */
  | "hosted-runner"
  | "unknown";
