import type { BuildJob } from "../build-job.ts";
import type { Egress } from "./repository.ts";

/** Through whose addresses a job reaches Docker Hub, as far as its file says. */
export function egressOf({ runner, selfHosted, codeBuild }: BuildJob): Egress {
  if (selfHosted === true) return "own";
  switch (runner) {
    case "codebuild":
      return codeBuild?.hasVpc === true ? "own" : "codebuild-shared";
    case "github-actions":
    case "gitlab-ci":
    case "circleci":
    case "bitbucket":
    case "azure-pipelines":
      return "hosted-runner";
    case "jenkins":
      return "own";
    case "script":
      return "unknown";
  }
}
