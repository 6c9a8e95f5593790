import { readFileSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import type { VariableRecord } from "../services/codebuild/project.ts";
import { UsageError } from "../usage-error.ts";
import type { BuildFlags } from "./describe-build.ts";

export interface BuildOverrides {
  environmentVariablesOverride: VariableRecord[];
  buildspecOverride?: string;
}

interface Directories {
  sourceDirectory: string;
  currentDirectory: string;
}

/** What `--env` and `--buildspec` change of the project. Throws UsageError CONFIG_ENV and CONFIG_BUILDSPEC. */
export function readBuildOverrides(
  { env = [], buildspec }: Pick<BuildFlags, "env" | "buildspec">,
  directories: Directories,
): BuildOverrides {
  return {
    environmentVariablesOverride: env.map(parseVariable),
    ...(buildspec !== undefined && { buildspecOverride: readBuildspecOption(buildspec, directories) }),
  };
}

/** `NAME=VALUE`; the value may hold more equals signs, and is not shown. */
function parseVariable(text: string): VariableRecord {
  const end = text.indexOf("=");
  const name = text.slice(0, end);
  if (end > 0 && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { name, value: text.slice(end + 1), type: "PLAINTEXT" };
  }
  throw new UsageError("CONFIG_ENV", "--env takes NAME=VALUE, with a name of letters, digits and _", {
    hint: "--env STAGE=test",
  });
}

/** A file of the source goes by its path, so that its place in the log is right; one from elsewhere by its text. */
function readBuildspecOption(file: string, { sourceDirectory, currentDirectory }: Directories): string {
  const path = resolve(currentDirectory, file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError("CONFIG_BUILDSPEC", `the buildspec cannot be read: ${file}`, {
      ...{ cause: error, hint: "the path is taken from the current directory" },
    });
  }
  const way = relative(sourceDirectory, path);
  const isInside = way !== ".." && !way.startsWith(`..${sep}`);
  // A newline tells CodeBuild that it is text and no path.
  return isInside ? way.split(sep).join("/") : `${text}\n`;
}
