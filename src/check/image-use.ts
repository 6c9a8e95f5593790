import type { TextRange } from "./source-file.ts";

/** What pulls the image. Rules and remedies choose by it. */
export type ImageUseKind =
  /** `FROM`, `COPY --from`, `RUN --mount=from=`: pulled by whoever builds the Dockerfile. */
  | "dockerfile"
  /** `# syntax=`: BuildKit pulls it before it reads the Dockerfile. */
  | "dockerfile-syntax"
  /** The argument of `docker pull`, `docker run`, `skopeo copy` and their like. */
  | "command"
  /** The image that a CI runs the job's steps in, and the services beside it: pulled before the first step. */
  | "runner"
  /** An action or a tool of a CI that pulls an image by itself: `uses: docker://`, BuildKit's own image. */
  | "tool"
  /** Compose, Testcontainers, dev containers, Skaffold, Tilt: pulled where a developer or a CI starts it. */
  | "development"
  /** ECS, Kubernetes, Lambda, Batch, App Runner: pulled where the service runs, not where it is built. */
  | "deployment";

/** One image that a file names to be pulled. What is only built or pushed is none. */
export interface ImageUse {
  kind: ImageUseKind;
  /** What names it, for people: `FROM`, `COPY --from`, `services.web.image`, `docker pull`. */
  site: string;
  /** As its author wrote it, variables and all: `python:${VERSION}-slim`. */
  written: string;
  /** Where `written` stands in the file. */
  range: TextRange;
  /** With every variable put in that the file itself decides; undefined where something outside decides. */
  reference?: string;
  /** The variables that `reference` depends on, of which a caller may set others: `ARG` before `FROM`. */
  variables?: readonly string[];
  /**
   * Of a `written` with variables: the registry, as far as it is constant, with `*` for each variable in it: `docker.io` for
   * `python:$TAG`, `ghcr.io` for `ghcr.io/$OWNER/x`, `*.dkr.ecr.*.amazonaws.com`.
   */
  registryHint?: string;
  /** `linux/arm64`, where it is said and constant. */
  platform?: string;
  /** It is said with which credentials it is pulled: `repositoryCredentials`. */
  hasCredentials?: boolean;
  /**
   * The one place to change in order to take the image from somewhere else. Undefined where it is put together from
   * pieces, or decided elsewhere.
   */
  edit?: ImageEdit;
  /** Of a Dockerfile's images, but for the one of `# syntax=`. */
  stage?: ImageStage;
  /** Of a compose service: it is started only where one of them is asked for. */
  profiles?: readonly string[];
  /** Registry and repository stand in two places, which a remedy changes together; there is no `edit` then. */
  splitEdit?: { registry: ImagePart; repository: ImagePart };
}

/** The stage of a Dockerfile that pulls the image, seen from the build's target. */
export interface ImageStage {
  index: number;
  /** As written after `AS`. */
  name?: string;
  /**
   * Who pulls it in a build of the target: `all` where the target needs the stage; `classic` where it only stands before
   * the target: builders that skip no stages (`DOCKER_BUILDKIT=0`, kaniko by default) pull it, BuildKit and buildah do not;
   * `downstream` for `ONBUILD`: the build that starts from this image; `none` behind the target.
   */
  pulledBy: "all" | "classic" | "downstream" | "none";
}

export interface ImagePart {
  range: TextRange;
  text: string;
}

/** A piece of text that holds a whole reference, or the registry and repository of one without its tag. */
export interface ImageEdit {
  range: TextRange;
  /** `repository`: tag and digest stand elsewhere, as in Helm's values. */
  holds: "reference" | "repository";
  /** The text of the range after unescaping: what the file's format takes it for. */
  text: string;
}
