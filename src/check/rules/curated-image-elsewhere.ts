import { findingsOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** CodeBuild alone takes `aws/codebuild/…` for images of AWS's own; to Docker it is a name of Docker Hub. */
export const curatedImageElsewhere: Rule = {
  code: "CHUBO014",
  name: "curated-image-elsewhere",
  level: "warning",
  find: ({ pulls }) =>
    findingsOf(
      curatedImageElsewhere,
      pulls.filter(({ source, reference }) => {
        return source === "docker-hub" && reference?.repository.startsWith("aws/codebuild/");
      }),
      ({ image }) => ({
        message: `${image.written} is asked for at Docker Hub, which does not have it: only a CodeBuild environment knows that name`,
        hint: "name an image that is in a registry",
      }),
    ),
};
