import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type Buildspec, BuildspecError } from "../../../buildspec/buildspec.ts";
import { parseBuildspec } from "../../../buildspec/parse-buildspec.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";

/**
 * The buildspec of a build: inline text, an S3 ARN, or a path below the source directory (`buildspec.yml` by default).
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-name-storage
 */
export async function readBuildspec(
  run: BuildRun,
  fetchObject: (location: string) => Promise<Buffer>,
): Promise<Buildspec> {
  const { build, log, environment } = run;
  const given = build.source.buildspec ?? "";
  const isInline = given.includes("\n") || /^\s*(\{|version\s*:)/.test(given);
  const isElsewhere = isInline || given.startsWith("arn:");
  const name = isElsewhere || given === "" ? "buildspec.yml" : given;
  const location = isElsewhere ? "/codebuild/readonly/buildspec.yml" : `${environment?.sourceDirectory}/${name}`;
  const text = isInline
    ? given
    : given.startsWith("arn:")
      ? (await fetchObject(given)).toString()
      : await readSourceFile(run, name, location);
  // Not said of a file that is not there, as logs of AWS show.
  log.line(`YAML location is ${location}`);
  run.buildspecName = isInline ? "the project's buildspec" : name;
  try {
    return parseBuildspec(text);
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    noteRefusal(run, error, run.buildspecName);
    throw new PhaseFailure("YAML_FILE_ERROR", log.masked(error.message), { cause: error });
  }
}

/** AWS says no more than its sentence; whoever watches learns where and what to do as well. */
function noteRefusal({ collaborators, build }: BuildRun, { line, column, hint }: BuildspecError, name: string): void {
  const place = [name, line, column].filter((part) => part !== undefined).join(":");
  if (line !== undefined || hint !== undefined) {
    collaborators.observer.onNote(build, hint === undefined ? place : `${place}: ${hint}`);
  }
}

async function readSourceFile(run: BuildRun, name: string, location: string): Promise<string> {
  const directory = run.environment?.local.sourceDirectory ?? "";
  const missing = () => {
    const note = `the source has no ${name}: add one, or name another (the project's Source.BuildSpec, chubo build --buildspec)`;
    run.collaborators.observer.onNote(run.build, note);
    // The first for the default name, the second for one that was given: so builds on AWS show it.
    const isDefault = (run.build.source.buildspec ?? "") === "";
    const message = isDefault ? "YAML file does not exist" : `stat ${location}: no such file or directory`;
    return new PhaseFailure("YAML_FILE_ERROR", message);
  };
  const path = await realpath(join(directory, name)).catch(() => {
    throw missing();
  });
  // A link or `..` could name any file of this machine.
  const way = relative(await realpath(directory), path);
  if (way === ".." || way.startsWith(`..${sep}`)) throw missing();
  if (!(await stat(path)).isFile()) throw new PhaseFailure("YAML_FILE_ERROR", `read ${location}: is a directory`);
  return readFile(path, "utf8");
}
