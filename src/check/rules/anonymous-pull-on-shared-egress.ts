import { jobPlaces, nameOf, remediesFor, requestsOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** The failure that `toomanyrequests` is known by. Other rules tell of those whose login went wrong. */
export const anonymousPullOnSharedEgress: Rule = {
  code: "CHUBO001",
  name: "anonymous-pull-on-shared-egress",
  level: "error",
  find: ({ pulls }) =>
    pulls
      .filter(({ source, egress, as, image }) => {
        const isPlain = as.kind === "anonymous" && as.because === "no-login";
        return (
          source === "docker-hub" && egress === "codebuild-shared" && isPlain && image.kind !== "dockerfile-syntax"
        );
      })
      .map((pull) => ({
        code: "CHUBO001",
        level: "error",
        message: `${nameOf(pull)} is pulled anonymously in CodeBuild, ${requestsOf(pull)}: strangers on the same address share its 100 pulls in 6 hours`,
        file: pull.file,
        range: pull.image.range,
        hint: remediesFor(pull),
        pull,
        related: jobPlaces(pull),
      })),
};
