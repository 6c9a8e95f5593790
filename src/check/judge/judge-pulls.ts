import type { BuildStep, LoginStep, MirrorStep } from "../build-job.ts";
import type { ImageUse } from "../image-use.ts";
import { isDeafDockerHubLogin, isDockerHubLogin, isUnknownLogin } from "./docker-hub-login.ts";
import { egressOf } from "./egress.ts";
import { sourceOf } from "./image-source.ts";
import { type ImageFinder, imagesOfStep, type PlacedImage } from "./images-of-step.ts";
import { mirrorOfStep } from "./mirror-of-step.ts";
import type { PlacedJob, PlacedStep, Pull, PullIdentity } from "./repository.ts";

export interface JudgeOptions extends ImageFinder {
  cachePrefixes: readonly string[];
}

/** What a job pulls, in the order in which it does; what it pulls again the same way is there already. */
export function pullsOfJob(placed: PlacedJob, options: JudgeOptions): Pull[] {
  const { job, file } = placed;
  const pulls = new Map<string, Pull>();
  const add = (placedImage: PlacedImage, as: PullIdentity, step?: PlacedStep, mirror?: MirrorStep) => {
    const own = pullOf(placedImage, as, options.cachePrefixes);
    const pull: Pull = {
      ...own,
      ...(mirror !== undefined && own.source === "docker-hub" && { source: "mirror", countedRequests: 0 }),
      job: placed,
      egress: egressOf(job),
      ...(step && { step }),
    };
    const key = `${imageKey(placedImage)} ${pull.as.kind} ${pull.as.kind === "anonymous" ? pull.as.because : ""} ${pull.source}`;
    if (!pulls.has(key)) pulls.set(key, pull);
  };
  for (const { image, hasCredentials } of job.runnerImages) add({ image, file }, identityOfRunner(hasCredentials));
  const steps = placed.steps.map(({ step }) => step);
  for (const [index, step] of placed.steps.entries()) {
    const as = identityAt(steps, index);
    const mirror = mirrorOfStep(steps, index);
    for (const placedImage of imagesOfStep(step, options)) add(placedImage, as, step, mirror);
  }
  return [...pulls.values()];
}

/** A pull by nobody that is known; an image that says its credentials is pulled as their account by whomever. */
export function pullOf({ image, file }: PlacedImage, as: PullIdentity, cachePrefixes: readonly string[]): Pull {
  const source = sourceOf(image, cachePrefixes);
  return {
    file,
    image,
    ...source,
    countedRequests: source.source === "docker-hub" ? 2 : 0,
    job: undefined,
    as: image.hasCredentials === true ? { kind: "account", userName: undefined } : as,
    egress: "unknown",
  };
}

/** A loop names several images at one place. */
export function imageKey({ image, file }: PlacedImage): string {
  return `${placeKey({ image, file })} ${image.reference ?? image.written}`;
}

export function placeKey({ image, file }: { image: ImageUse; file: { path: string } }): string {
  return `${file.path}:${image.range.start}`;
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
