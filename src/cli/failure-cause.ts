import type { PullResult, RunResult } from "../server/run-result.ts";

/**
 * Why a run failed, a line each: the phase and its command (or the stack and its resource), what that said, and what
 * helps. Empty where it did not fail. `output` is the last that the failed command wrote.
 */
export function failureCause(result: RunResult, output: string | undefined): string[] {
  if (result.status !== "FAILED") return [];
  for (const { name, failures } of result.stacks) {
    const [failure] = failures;
    if (failure !== undefined) return [`in stack ${name}: ${failure.logicalId} (${failure.type})`, failure.reason];
  }
  const refused = result.pulls.find(({ registry, status }) => registry === "docker.io" && status === 429);
  return [...phaseCause(result, output), ...(refused === undefined ? [] : [hubRemedy(refused)])];
}

function phaseCause({ builds }: RunResult, output: string | undefined): string[] {
  const isFailed = ({ phaseStatus = "SUCCEEDED" }) => phaseStatus !== "SUCCEEDED";
  const phase = builds.flatMap(({ phases }) => phases).find(isFailed);
  const [context] = phase?.contexts ?? [];
  if (phase === undefined || context === undefined) return [];
  const [, command, reason] = /^Error while executing command: (.*)\. Reason: (.*)$/s.exec(context.message) ?? [];
  if (command === undefined) return [`in ${phase.phaseType}: ${context.statusCode}: ${context.message}`];
  const [firstLine, ...more] = command.trim().split("\n");
  const line = `in ${phase.phaseType}: ${firstLine}${more.length > 0 ? " …" : ""} (${reason})`;
  return output === undefined ? [line] : [line, output];
}

/** What its documentation and AWS's recommend: https://docs.docker.com/docker-hub/usage/pulls/ */
function hubRemedy({ reference, as }: PullResult): string {
  const repository = reference.replace(/^docker\.io\//, "").replace(/(@|:[^/]*$).*/, "");
  // ECR Public mirrors the official images, and no others.
  const elsewhere = repository.startsWith("library/")
    ? `take it from public.ecr.aws/docker/${repository}`
    : "keep a copy of the image in ECR";
  const isAnonymous = as === "anonymous";
  const remedy = isAnonymous
    ? `log in to Docker Hub before the pull, or ${elsewhere}`
    : `${elsewhere}, or wait for the limit's window to pass`;
  return `Docker Hub refused ${repository} ${isAnonymous ? "without a login" : `to ${as}`} (429): ${remedy}.`;
}
