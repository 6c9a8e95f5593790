import type { Rule } from "./rule.ts";

/** CodeBuild alone takes `aws/codebuild/…` for images of AWS's own; to Docker it is a name of Docker Hub. */
export const curatedImageElsewhere: Rule = {
  code: "CHUBO014",
  name: "curated-image-elsewhere",
  level: "warning",
  find: ({ pulls }) =>
    pulls
      .filter(({ source, reference }) => source === "docker-hub" && reference?.repository.startsWith("aws/codebuild/"))
      .map((pull) => ({
        code: "CHUBO014",
        level: "warning",
        message: `${pull.image.written} is asked for at Docker Hub, which does not have it: only a CodeBuild environment knows that name`,
        file: pull.file,
        range: pull.image.range,
        hint: "name an image that is in a registry",
        pull,
      })),
};
