import type { Rule } from "./rule.ts";

/** https://github.com/aws/containers-roadmap/issues/2837 */
export const digestThroughPullThroughCache: Rule = {
  code: "CHUBO012",
  name: "digest-through-pull-through-cache",
  level: "warning",
  find: ({ pulls }) =>
    pulls
      .filter(({ source, reference }) => source === "pull-through-cache" && reference?.digest !== undefined)
      .map((pull) => ({
        code: "CHUBO012",
        level: "warning",
        message: `${pull.image.written} is not found until its tag was pulled once: an ECR pull-through cache takes nothing in by digest`,
        file: pull.file,
        range: pull.image.range,
        hint: "pull it by its tag first, or name the tag",
        pull,
      })),
};

export const pullThroughCacheName: Rule = {
  code: "CHUBO013",
  name: "pull-through-cache-name",
  level: "error",
  find: ({ pulls }) =>
    pulls
      .filter(
        ({ source, reference }) => source === "pull-through-cache" && reference?.repository.split("/").length === 2,
      )
      .map((pull) => ({
        code: "CHUBO013",
        level: "error",
        message: `${pull.image.written} is not found: behind a pull-through cache an official image has library/ before its name`,
        file: pull.file,
        range: pull.image.range,
        hint: "write PREFIX/library/NAME",
        pull,
      })),
};
