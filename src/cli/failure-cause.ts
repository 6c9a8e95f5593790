import type { BuildResult, PhaseResult, PullResult, RunResult } from "../server/run-result.ts";

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
  return [...buildCause(result, output), ...(refused === undefined ? [] : [hubRemedy(refused)])];
}

/** The build that a run failed for: of a batch the first one whose failure is not ignored. */
export function failedBuild({ builds, batch }: RunResult): BuildResult | undefined {
  if (batch === undefined) return builds[0];
  const counting = batch.groups.filter(({ ignoreFailure, status }) => !ignoreFailure && isBad(status));
  const failed = builds.filter(({ id }) => counting.some(({ build }) => build === id));
  // What a failure stopped is none itself.
  return failed.find(({ status }) => status !== "STOPPED") ?? failed[0];
}

function isBad(status = "SUCCEEDED"): boolean {
  return status !== "SUCCEEDED";
}

function buildCause(result: RunResult, output: string | undefined): string[] {
  const build = failedBuild(result);
  // A batch may fail without any of its builds.
  const phases = build?.phases ?? result.batch?.phases ?? [];
  const phase = phases.find(({ phaseStatus }) => isBad(phaseStatus));
  if (phase === undefined) return [];
  const place = build?.task === undefined ? "" : `${build.task}, `;
  const line = `in ${place}${describeFailure(phase)}`;
  const isCommand = phase.contexts.some(({ message }) => commandFailure.test(message));
  return output === undefined || !isCommand ? [line] : [line, output];
}

const commandFailure = /^Error while executing command: (.*)\. Reason: (.*)$/s;

/** `BUILD: npm test (exit status 1)`. */
export function describeFailure({ phaseType, contexts }: Pick<PhaseResult, "phaseType"> & FailedContexts): string {
  const [{ statusCode, message } = { statusCode: "", message: "" }] = contexts;
  const [, command, reason] = commandFailure.exec(message) ?? [];
  if (command === undefined) return [phaseType, statusCode, message].filter((part) => part !== "").join(": ");
  const [firstLine, ...more] = command.trim().split("\n");
  return `${phaseType}: ${firstLine}${more.length > 0 ? " …" : ""} (${reason})`;
}

interface FailedContexts {
  contexts: readonly { statusCode: string; message: string }[];
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
