import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Buildspec, BuildspecError } from "../buildspec/buildspec.ts";
import { parseBuildspec } from "../buildspec/parse-buildspec.ts";
import { UsageError } from "../usage-error.ts";

/** A buildspec that is there before a build, and what to call it. */
export interface PlannedBuildspec {
  name: string;
  buildspec: Buildspec;
}

export interface PlannedBuildspecOptions {
  sourceDirectory: string;
  currentDirectory: string;
  /** `--buildspec`. */
  file: string | undefined;
  /** The project's: inline text or a path below the source. */
  projectBuildspec: string | undefined;
}

/** Throws UsageError: CONFIG_BUILDSPEC where there is none, BUILDSPEC_INVALID with its place where CodeBuild would refuse it. */
export function readPlannedBuildspec(options: PlannedBuildspecOptions): PlannedBuildspec {
  const { name, text } = findText(options);
  return { name, buildspec: withPlace(name, () => parseBuildspec(text)) };
}

/** What a buildspec's text is refused for is told with its file. Throws UsageError BUILDSPEC_INVALID. */
export function withPlace<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    const { line, column, hint } = error;
    throw new UsageError("BUILDSPEC_INVALID", error.message, {
      ...{ file, cause: error },
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      ...(hint !== undefined && { hint }),
    });
  }
}

function findText(options: PlannedBuildspecOptions): { name: string; text: string } {
  const { sourceDirectory, currentDirectory, file, projectBuildspec } = options;
  if (file === undefined && projectBuildspec !== undefined && /[\n{]|^\s*version\s*:/.test(projectBuildspec)) {
    return { name: "the project's buildspec", text: projectBuildspec };
  }
  const path =
    file === undefined ? join(sourceDirectory, projectBuildspec ?? "buildspec.yml") : resolve(currentDirectory, file);
  const name = relative(currentDirectory, path);
  try {
    return { name, text: readFileSync(path, "utf8") };
  } catch (error) {
    throw new UsageError("CONFIG_BUILDSPEC", `the buildspec cannot be read: ${name}`, {
      ...{ cause: error, hint: "give it with --buildspec FILE; chubo build --list shows what there is" },
    });
  }
}

/** As deep as people keep them. */
const deepest = 4;

/** Files that are named like buildspecs, as paths below the directory, in order. */
export function findBuildspecs(directory: string, depth = 0): string[] {
  const leftOut = new Set([".git", ".chubo", "node_modules"]);
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isFile()) return /buildspec.*\.(ya?ml|json)$/i.test(entry.name) ? [entry.name] : [];
      if (!entry.isDirectory() || leftOut.has(entry.name) || depth === deepest) return [];
      return findBuildspecs(join(directory, entry.name), depth + 1).map((path) => `${entry.name}/${path}`);
    })
    .sort();
}
