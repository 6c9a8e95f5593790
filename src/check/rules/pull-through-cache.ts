import { findNameBehind } from "../judge/image-source.ts";
import type { Pull, Repository } from "../judge/repository.ts";
import { findingsOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** https://github.com/aws/containers-roadmap/issues/2837 */
export const digestThroughPullThroughCache: Rule = {
  code: "CHUBO012",
  name: "digest-through-pull-through-cache",
  level: "warning",
  find: ({ pulls }) =>
    findingsOf(
      digestThroughPullThroughCache,
      pulls.filter(({ source, reference }) => source === "pull-through-cache" && reference?.digest !== undefined),
      ({ image }) => ({
        message: `${image.written} is not found until its tag was pulled once: an ECR pull-through cache takes nothing in by digest`,
        hint: "pull it by its tag first, or name the tag",
      }),
    ),
};

export const pullThroughCacheName: Rule = {
  code: "CHUBO013",
  name: "pull-through-cache-name",
  level: "error",
  find: (repository) =>
    findingsOf(pullThroughCacheName, pullsWithoutNamespace(repository), ({ image }) => ({
      message: `${image.written} is not found: behind a pull-through cache an official image has library/ before its name`,
      hint: "write PREFIX/library/NAME",
    })),
};

/** Those for which Docker Hub is asked for a name of one part. */
function pullsWithoutNamespace({ files, pulls }: Repository): Pull[] {
  const prefixes = files
    .flatMap(({ extraction }) => extraction.pullThroughCaches ?? [])
    .filter(({ isDockerHub }) => isDockerHub)
    // The longest prefix is the one whose rule holds; ROOT is behind all.
    .toSorted((a, b) => Number(a.prefix === "ROOT") - Number(b.prefix === "ROOT") || b.prefix.length - a.prefix.length);
  return pulls.filter(({ source, reference }) => {
    if (source !== "pull-through-cache" || reference === undefined) return false;
    const names = prefixes.map(({ prefix }) => findNameBehind(reference, prefix));
    return names.find((name) => name !== undefined)?.includes("/") === false;
  });
}
