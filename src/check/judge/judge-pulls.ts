import type { BuildImageStep, BuildStep, LoginStep, RunnerImage } from "../build-job.ts";
import type { ImageUse } from "../image-use.ts";
import { findComposeFiles } from "./compose-files.ts";
import { isDeafDockerHubLogin, isDockerHubLogin, isUnknownLogin } from "./docker-hub-login.ts";
import { egressOf } from "./egress.ts";
import type { FileFinder } from "./find-file.ts";
import { sourceOf } from "./image-source.ts";
import type { PlacedJob, Pull, PullIdentity, ReadFile } from "./repository.ts";
import { stepsOfJob } from "./steps-of-job.ts";

/** Reads a Dockerfile again for one build of it: with the build's arguments, only the stages that its target needs. */
export type ReadBuild = (file: ReadFile, step: BuildImageStep) => readonly ImageUse[];

export interface JudgeOptions extends FileFinder {
  readBuild: ReadBuild;
  cachePrefixes: readonly string[];
}

/** What a job pulls, in the order in which it does. */
export function pullsOfJob(placed: PlacedJob, options: JudgeOptions): Pull[] {
  const { job, file } = placed;
  const pullOf = (image: ImageUse, inFile: ReadFile, as: PullIdentity): Pull => {
    const source = sourceOf(image, options.cachePrefixes);
    return {
      file: inFile,
      image,
      ...source,
      countedRequests: source.source === "docker-hub" ? 2 : 0,
      job: placed,
      as: image.hasCredentials === true ? { kind: "account", userName: undefined } : as,
      egress: egressOf(job),
    };
  };
  const pulls = job.runnerImages.map(({ image, hasCredentials }: RunnerImage) =>
    pullOf(image, file, identityOfRunner(hasCredentials)),
  );
  const placedSteps = stepsOfJob(placed, options);
  const steps = placedSteps.map(({ step }) => step);
  for (const [index, { step, file: stepFile }] of placedSteps.entries()) {
    const as = identityAt(steps, index);
    for (const { image, inFile } of imagesOfStep(step, stepFile, options)) pulls.push(pullOf(image, inFile, as));
  }
  return pulls;
}

function imagesOfStep(step: BuildStep, file: ReadFile, options: JudgeOptions): { image: ImageUse; inFile: ReadFile }[] {
  switch (step.kind) {
    case "pull":
      return [{ image: step.image, inFile: file }];
    case "build":
      return imagesOfBuild(step, file, options);
    case "compose":
      return findComposeFiles(step, file, options).flatMap((inFile) => {
        const images = inFile.extraction.images.map((image) => ({ image, inFile }));
        const builds = step.verb === "pull" ? [] : inFile.extraction.jobs.flatMap((job) => job.steps);
        return [...images, ...builds.flatMap((build) => imagesOfBuild(build, inFile, options))];
      });
    case "login":
    case "mirror":
      return [];
  }
}

function imagesOfBuild(
  step: BuildStep,
  file: ReadFile,
  options: JudgeOptions,
): { image: ImageUse; inFile: ReadFile }[] {
  // The images of an inline one are those of the step's own file.
  if (step.kind !== "build" || step.isInline === true) return [];
  const dockerfile = findDockerfile(step, file, options);
  if (dockerfile === undefined) return [];
  return options.readBuild(dockerfile, step).map((image) => ({ image, inFile: dockerfile }));
}

function findDockerfile({ context, dockerfile }: BuildImageStep, from: ReadFile, { findFile }: FileFinder) {
  const path = dockerfile ?? (context === undefined ? undefined : `${context}/Dockerfile`);
  return path === undefined ? undefined : findFile(path, from);
}

function identityOfRunner(hasCredentials: boolean): PullIdentity {
  return hasCredentials
    ? { kind: "account", userName: undefined }
    : { kind: "anonymous", because: "runner-without-credentials" };
}

/** Docker uses the last login that it has for Docker Hub; a later one comes too late. */
function identityAt(steps: readonly BuildStep[], index: number): PullIdentity {
  const logins = (of: readonly BuildStep[]) => of.filter((step): step is LoginStep => step.kind === "login");
  const before = logins(steps.slice(0, index));
  const login = before.findLast(isDockerHubLogin);
  if (login !== undefined) return { kind: "account", userName: login.userName, login };
  if (before.some(isUnknownLogin)) return { kind: "unknown" };
  if (before.some(isDeafDockerHubLogin)) return { kind: "anonymous", because: "wrong-host" };
  const isLater = logins(steps.slice(index)).some(isDockerHubLogin);
  return { kind: "anonymous", because: isLater ? "login-later" : "no-login" };
}
