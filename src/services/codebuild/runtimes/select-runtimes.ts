import { BuildspecError } from "../../../buildspec/buildspec.ts";
import type { RuntimesFile } from "../../../buildspec/runtimes-file.ts";

/**
 * Chooses among an image's runtimes; the result is their commands, in order. `says` is told each line of the log as it comes, since a refusal follows the lines of
 * what was selected before it. The lines and refusals are recorded from builds on AWS, but for what is noted below.
 */
export function selectRuntimes(
  file: RuntimesFile,
  asked: Record<string, string>,
  says: (line: string) => void,
): string[] {
  const selected = new Map<string, string>();
  for (const [name, wish] of Object.entries(asked)) {
    const version = resolveVersion(file, name, wish);
    if (version !== wish) says(`Resolved '${name}' runtime alias '${wish}' to '${version}'.`);
    says(`Selecting '${name}' runtime version '${version}' based on manual selections...`);
    selected.set(name, version);
  }
  for (const [name, version] of [...selected]) {
    // A name or version that there is not is refused after all lines of selection, as recorded.
    const { requires } = getVersion(file, name, version);
    for (const [other, versions] of Object.entries(requires))
      addRequired({ name, version }, other, versions, selected, says);
  }
  return [...selected].flatMap(([name, version]) => getVersion(file, name, version).commands);
}

function addRequired(
  needing: { name: string; version: string },
  other: string,
  versions: readonly string[],
  selected: Map<string, string>,
  says: (line: string) => void,
): void {
  const present = selected.get(other);
  const [first] = versions;
  const what = `Runtime '${needing.name}' version '${needing.version}'`;
  if (present === undefined) {
    if (first === undefined) return;
    // These words are a guess; those of the conflict's line are recorded, and its message is a guess again.
    says(`Selecting '${other}' runtime version '${first}' based on dependency of ${what.toLowerCase()}...`);
    selected.set(other, first);
  } else if (!versions.includes(present)) {
    const fact = `${what} has a dependency on runtime '${other}', but '${other}' version '${present}' has already been manually selected.`;
    says(`${fact} Not attempting to override.`);
    throw new BuildspecError(
      `${what} requires runtime '${other}' in one of the following versions: ${versions.join(", ")}`,
    );
  }
}

/** `latest`, and `18.x` for the newest that begins with `18`; how AWS takes the latter is a guess. */
function resolveVersion(file: RuntimesFile, name: string, wish: string): string {
  const versions = [...(file.get(name)?.keys() ?? [])].sort(compareVersions);
  if (versions.includes(wish)) return wish;
  if (wish === "latest") return versions.at(-1) ?? wish;
  const [, stem] = /^(.+)\.x$/.exec(wish) ?? [];
  return versions.findLast((version) => version === stem || version.startsWith(`${stem}.`)) ?? wish;
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function getVersion(file: RuntimesFile, name: string, version: string) {
  const versions = file.get(name);
  if (versions === undefined) {
    const names = [...file.keys()].sort().join(", ");
    throw new BuildspecError(`Unknown runtime named '${name}'. This build image has the following runtimes: ${names}`);
  }
  const found = versions.get(version);
  if (found !== undefined) return found;
  const known = [...versions.keys()].sort(compareVersions).join(", ");
  throw new BuildspecError(
    `Unknown runtime version named '${version}' of ${name}. This build image has the following versions: ${known}`,
  );
}
