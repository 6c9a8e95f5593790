import type { Pull } from "../judge/repository.ts";
import { findingsOf, nameOf, remediesFor, requestsOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** The failure that `toomanyrequests` is known by. Other rules tell of those whose login went wrong. */
export const anonymousPullOnSharedEgress: Rule = {
  code: "CHUBO001",
  name: "anonymous-pull-on-shared-egress",
  level: "error",
  find: ({ pulls }) =>
    findingsOf(anonymousPullOnSharedEgress, pulls.filter(isAnonymousInCodeBuild), (pull) => ({
      message: `${nameOf(pull)} is pulled anonymously in CodeBuild, ${requestsOf(pull)}: strangers on the same address share its 100 pulls in 6 hours`,
      hint: remediesFor(pull),
    })),
};

function isAnonymousInCodeBuild({ source, egress, as, image }: Pull): boolean {
  const isPlain = as.kind === "anonymous" && as.because === "no-login";
  return source === "docker-hub" && egress === "codebuild-shared" && isPlain && image.kind !== "dockerfile-syntax";
}
