import type { PlacedStep, Pull, Repository } from "../judge/repository.ts";
import { findingsOf, nameOf, remediesFor, requestsOf } from "./pull-text.ts";
import type { Level, Rule } from "./rule.ts";

/** BuildKit pulls the image of `# syntax=` too, at each cold build. */
export const hiddenSyntaxPull: Rule = {
  code: "CHUBO009",
  name: "hidden-syntax-pull",
  level: "warning",
  find: ({ pulls }) =>
    findingsOf(
      hiddenSyntaxPull,
      pulls.filter(({ source, image }) => source === "docker-hub" && image.kind === "dockerfile-syntax"),
      (pull) => ({
        message: `BuildKit pulls ${nameOf(pull)} from Docker Hub for this line, ${requestsOf(pull)}`,
        hint: "leave the line out where BuildKit's own frontend is new enough, or name a copy in a registry of your own",
      }),
    ),
};

export const retryStorm: Rule = {
  code: "CHUBO010",
  name: "retry-storm",
  level: "warning",
  find: (repository) =>
    retriedSteps(repository).map(({ step, file }) => ({
      code: "CHUBO010",
      level: "warning",
      message:
        "a pull that is refused is tried again at once: the limit's window is hours long, and others wait behind it",
      file,
      range: step.range,
      hint: "log in, or take the image from elsewhere; a retry does not help against the pull limit",
    })),
};

/** Those that pull from Docker Hub themselves, each once. */
function retriedSteps({ pulls }: Repository): PlacedStep[] {
  const placed = pulls.flatMap(({ source, step }) => (source === "docker-hub" && step !== undefined ? [step] : []));
  const retried = placed.filter(({ step }) => "retried" in step && step.retried === true);
  return [...new Map(retried.map((one) => [one.step, one])).values()];
}

export const noFixedTag: Rule = {
  code: "CHUBO011",
  name: "no-fixed-tag",
  level: "note",
  find: ({ pulls }) =>
    findingsOf(
      noFixedTag,
      pulls.filter(({ source, reference, image }) => {
        const isLatest = reference?.tag === "latest" && reference.digest === undefined;
        return source === "docker-hub" && isLatest && image.kind !== "dockerfile-syntax";
      }),
      (pull) => ({
        message: `${nameOf(pull)} may be another image tomorrow, and is asked for anew by each cache`,
        hint: "name a version, or pin a digest",
      }),
    ),
};

/** Outside of CodeBuild's shared addresses. How bad it is depends on who else uses the address. */
export const anonymousPullElsewhere: Rule = {
  code: "CHUBO017",
  name: "anonymous-pull-elsewhere",
  level: "warning",
  find: ({ pulls }) =>
    findingsOf(anonymousPullElsewhere, pulls.filter(isAnonymousElsewhere), (pull) => ({
      message: `${nameOf(pull)} comes from Docker Hub ${whereOf(pull)}, ${requestsOf(pull)}`,
      hint: remediesFor(pull),
      level: levelOf(pull),
    })),
};

function isAnonymousElsewhere({ source, as, egress, image }: Pull): boolean {
  if (source !== "docker-hub" || as.kind === "account" || image.kind === "dockerfile-syntax") return false;
  if (as.kind === "anonymous" && (as.because === "wrong-host" || as.because === "login-later")) return false;
  return egress !== "codebuild-shared" || as.kind === "unknown";
}

function levelOf({ as, egress }: Pull): Level {
  const isCertain = as.kind === "anonymous" && (egress === "hosted-runner" || egress === "own");
  return isCertain ? "warning" : "note";
}

function whereOf({ as, egress, job }: Pull): string {
  if (as.kind === "unknown") return job === undefined ? "as whoever pulls it" : "as whoever the client's file names";
  if (egress === "hosted-runner") return "without a login, from addresses that hosted runners share";
  if (egress === "own") return "without a login, within the 100 pulls in 6 hours of its own address";
  return "without a login in this script";
}
