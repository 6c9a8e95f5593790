import type { BuildStep } from "../../src/check/build-job.ts";

/** A step in one line, for tests: `pull nginx:1`, `login docker.io as $U by stdin $P`, `build app -f Dockerfile`. */
export function describeStep(step: BuildStep): string {
  const end = "retried" in step && step.retried === true ? " (retried)" : "";
  switch (step.kind) {
    case "pull": {
      const { reference, written, registryHint } = step.image;
      return `pull ${reference ?? `${written} of ${registryHint ?? "?"}`}${end}`;
    }
    case "login": {
      const { host = "Docker Hub", userName = "?", password, passwordVariable, mayFail } = step;
      const secret = passwordVariable === undefined ? "" : ` $${passwordVariable}`;
      return `login ${host} as ${userName} by ${password}${secret}${mayFail === true ? " (may fail)" : ""}`;
    }
    case "build": {
      const { tool, context = "?", dockerfile, target } = step;
      const file = dockerfile === undefined ? "" : ` -f ${dockerfile}`;
      return `${tool} build ${context}${file}${target === undefined ? "" : ` --target ${target}`}${end}`;
    }
    case "compose":
      return ["compose", step.verb, ...step.files, ...(step.services ?? []).map((name) => `+${name}`)].join(" ") + end;
    case "mirror":
      return `mirror ${step.url ?? "?"}`;
  }
}
