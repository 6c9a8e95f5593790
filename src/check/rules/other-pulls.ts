import type { Pull } from "../judge/repository.ts";
import { jobPlaces, nameOf, remediesFor, requestsOf } from "./pull-text.ts";
import type { Finding, Level, Rule } from "./rule.ts";

/** BuildKit pulls the image of `# syntax=` too, at each cold build. */
export const hiddenSyntaxPull: Rule = {
  code: "CHUBO009",
  name: "hidden-syntax-pull",
  level: "warning",
  find: ({ pulls }) =>
    distinct(pulls.filter(({ source, image }) => source === "docker-hub" && image.kind === "dockerfile-syntax")).map(
      (pull) =>
        findingOf(hiddenSyntaxPull, pull, {
          message: `BuildKit pulls ${nameOf(pull)} from Docker Hub for this line, ${requestsOf(pull)}`,
          hint: "leave the line out where BuildKit's own frontend is new enough, or name a copy in a registry of your own",
        }),
    ),
};

export const retryStorm: Rule = {
  code: "CHUBO010",
  name: "retry-storm",
  level: "warning",
  find: ({ jobs, pulls }) =>
    jobs.flatMap(({ file, stepsFile = file, job }) => {
      const pullsHub = pulls.some((pull) => pull.job?.job === job && pull.source === "docker-hub");
      const steps = job.steps.filter((step) => "retried" in step && step.retried === true);
      return (pullsHub ? steps : []).map(({ range }) => ({
        code: "CHUBO010" as const,
        level: "warning" as const,
        message:
          "a pull that is refused is tried again at once: the limit's window is hours long, and others wait behind it",
        file: stepsFile,
        range,
        hint: "log in, or take the image from elsewhere; a retry does not help against the pull limit",
      }));
    }),
};

export const noFixedTag: Rule = {
  code: "CHUBO011",
  name: "no-fixed-tag",
  level: "note",
  find: ({ pulls }) =>
    distinct(
      pulls.filter(({ source, reference, image }) => {
        const isLatest = reference?.tag === "latest" && reference.digest === undefined;
        return source === "docker-hub" && isLatest && image.kind !== "dockerfile-syntax";
      }),
    ).map((pull) =>
      findingOf(noFixedTag, pull, {
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
    distinct(pulls.filter(isAnonymousElsewhere)).map((pull) => ({
      ...findingOf(anonymousPullElsewhere, pull, {
        message: `${nameOf(pull)} comes from Docker Hub ${whereOf(pull)}, ${requestsOf(pull)}`,
        hint: remediesFor(pull),
      }),
      level: levelOf(pull),
    })),
};

function isAnonymousElsewhere({ source, as, egress, image }: Pull): boolean {
  if (source !== "docker-hub" || as.kind === "account" || image.kind === "dockerfile-syntax") return false;
  if (as.kind === "anonymous" && (as.because === "wrong-host" || as.because === "login-later")) return false;
  return egress !== "codebuild-shared";
}

function levelOf({ egress }: Pull): Level {
  return egress === "hosted-runner" || egress === "own" ? "warning" : "note";
}

function whereOf({ egress, job }: Pull): string {
  if (egress === "hosted-runner") return "without a login, from addresses that hosted runners share";
  if (egress === "own") return "without a login, within the 100 pulls in 6 hours of its own address";
  return job === undefined ? "as whoever pulls it" : "without a login in this script";
}

/** One finding for each place, however many jobs pull it. */
function distinct(pulls: readonly Pull[]): Pull[] {
  return [...new Map(pulls.toReversed().map((pull) => [`${pull.file.path}:${pull.image.range.start}`, pull])).values()];
}

function findingOf({ code, level }: Rule, pull: Pull, text: { message: string; hint: string }): Finding {
  return { code, level, ...text, file: pull.file, range: pull.image.range, pull, related: jobPlaces(pull) };
}
