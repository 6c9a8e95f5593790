import type { ComposeStep } from "../build-job.ts";
import type { FileFinder } from "./find-file.ts";
import type { ReadFile } from "./repository.ts";

/** https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file */
const defaultNames = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** The files that a `docker compose` reads: those that it names, or the first of the default ones. */
export function findComposeFiles(
  { files, directory }: ComposeStep,
  from: ReadFile,
  { findFile }: FileFinder,
): ReadFile[] {
  if (files.length > 0) return files.map((path) => findFile(path, from)).filter((file) => file !== undefined);
  const paths = defaultNames.map((name) => (directory === undefined ? name : `${directory}/${name}`));
  return paths.flatMap((path) => findFile(path, from) ?? []).slice(0, 1);
}
