import type { Rule } from "./rule.ts";

/** A place holder until the rules are merged. */
export const rules: readonly Rule[] = [
  {
    code: "CHUBO001",
    name: "anonymous-pull",
    level: "error",
    find: ({ pulls }) =>
      pulls
        .filter(({ source, as }) => source === "docker-hub" && as.kind !== "account")
        .map((pull) => ({
          ...{ code: "CHUBO001" as const, level: "error" as const, file: pull.file, range: pull.image.range, pull },
          message: `${pull.image.written} is pulled from Docker Hub anonymously, and is counted`,
          hint: "log in before it, or take it from somewhere else",
        })),
  },
];
