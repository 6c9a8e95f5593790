import type { BuildImageStep } from "../build-job.ts";

/** A build's arguments; those whose value is not constant are undefined. */
export function splitArguments(
  given: readonly (readonly [name: string, value: string | undefined])[],
): Pick<BuildImageStep, "buildArguments" | "unknownBuildArguments"> {
  const constant = given.filter((pair): pair is [string, string] => pair[1] !== undefined);
  const unknown = given.filter(([, value]) => value === undefined).map(([name]) => name);
  return {
    buildArguments: Object.fromEntries(constant),
    ...(unknown.length > 0 && { unknownBuildArguments: unknown }),
  };
}
