import type { BuildImageStep, ComposeStep } from "../build-job.ts";
import type { FileFinder } from "./find-file.ts";
import type { ReadFile } from "./repository.ts";

/** https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file */
const composeNames = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** https://docs.docker.com/build/bake/reference/#file-format */
const bakeNames = [
  ...composeNames,
  "docker-bake.json",
  "docker-bake.hcl",
  "docker-bake.override.json",
  "docker-bake.override.hcl",
];

/** The files that a `docker compose` reads: those that it names, or the first of the default ones. */
export function findComposeFiles({ files, directory }: ComposeStep, from: ReadFile, finder: FileFinder): ReadFile[] {
  if (files.length > 0) return findNamed(files, from, finder);
  return findNamed(below(directory, composeNames), from, finder).slice(0, 1);
}

/** The files that a `docker buildx bake` reads: those that it names, or all default ones of one folder. */
export function findBakeFiles({ files = [], context }: BuildImageStep, from: ReadFile, finder: FileFinder): ReadFile[] {
  if (files.length > 0) return findNamed(files, from, finder);
  const found = findNamed(below(context, bakeNames), from, finder);
  // The nearest folder that has any; each name by itself may lead further up.
  const depths = found.map(({ path }) => path.split("/").length);
  return found.filter((_, index) => depths[index] === Math.max(...depths));
}

function findNamed(paths: readonly string[], from: ReadFile, { findFile }: FileFinder): ReadFile[] {
  return paths.map((path) => findFile(path, from)).filter((file) => file !== undefined);
}

function below(folder: string | undefined, names: readonly string[]): string[] {
  return folder === undefined ? [...names] : names.map((name) => `${folder}/${name}`);
}
