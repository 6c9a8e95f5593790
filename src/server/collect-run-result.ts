import type { StackOutcome } from "../services/cloudformation/deploy-stack.ts";
import type { Account } from "./account.ts";
import type { BuildResult, RunResult } from "./run-result.ts";
import type { StandInBuild } from "./stand-in-pipeline.ts";

/** Gathers what a run did from the account's records. */
export function collectRunResult(
  account: Account,
  stacks: readonly StackOutcome[],
  built: StandInBuild | undefined,
): RunResult {
  const roleName = built?.build.serviceRole.split("/").at(-1) ?? "";
  return {
    status: statusOf(built),
    stacks: stacks.map(({ name, status, outputs, failures }) => ({ name, status, outputs, failures })),
    builds: built === undefined ? [] : [buildResult(built)],
    images: imageResults(account.pushes),
    pulls: account.pulls.list().map(({ reference, registry, as, counted, source, status }) => ({
      reference,
      registry,
      as,
      counted,
      source,
      status,
    })),
    iam: {
      denied: account.iam.listDenied(),
      unused: built === undefined ? [] : account.iam.listUnused(roleName),
    },
  };
}

/** A tag that was pushed again is one image: the last. */
function imageResults(pushes: Account["pushes"]): RunResult["images"] {
  const images = pushes.map(({ registry, repository, tag = null, digest, size }) => {
    return { registry, repository, tag, digest, size };
  });
  return [
    ...new Map(
      images.map((image) => [`${image.registry}/${image.repository}:${image.tag ?? image.digest}`, image]),
    ).values(),
  ];
}

function statusOf(built: StandInBuild | undefined): RunResult["status"] {
  if (built?.build.status === "SUCCEEDED" || built?.build.status === "STOPPED") return built.build.status;
  return "FAILED";
}

function buildResult({ build, artifacts }: StandInBuild): BuildResult {
  return {
    id: build.id,
    project: build.projectName,
    status: build.status,
    phases: build.phases.map(({ phaseType, phaseStatus, startTime, endTime, contexts }) => ({
      phaseType,
      ...(phaseStatus === undefined ? {} : { phaseStatus }),
      ...(endTime === undefined ? {} : { durationInSeconds: (endTime - startTime) / 1000 }),
      contexts,
    })),
    artifacts,
    exportedVariables: build.exportedVariables,
  };
}
