import { resolve } from "node:path";
import type { SourceRecord } from "../services/codebuild/project.ts";

/** A directory that stands in for a repository. */
export interface SourceStandIn {
  /** The repository's URL as a project names it; absent: any primary source. */
  location?: string;
  directory: string;
}

/** `DIRECTORY`, or `LOCATION=DIRECTORY`; a location holds `://` or is `git@HOST:PATH`. */
export function parseSourceStandIn(text: string, currentDirectory: string): SourceStandIn {
  const [, location, directory] = /^((?:[a-z][a-z0-9+.-]*:\/\/|[^@/=]+@[^:/=]+:)[^=]*)=(.+)$/i.exec(text) ?? [];
  if (location === undefined || directory === undefined) return { directory: resolve(currentDirectory, text) };
  return { location, directory: resolve(currentDirectory, directory) };
}

/** The one for the source's own URL; else, for a primary source, the one without a URL. */
export function findSourceDirectory(
  standIns: readonly SourceStandIn[],
  { location = "", sourceIdentifier }: SourceRecord,
): string | undefined {
  const named = standIns.find((one) => one.location !== undefined && sameRepository(one.location, location));
  const unnamed = sourceIdentifier === undefined ? standIns.find((one) => one.location === undefined) : undefined;
  return (named ?? unnamed)?.directory;
}

function sameRepository(one: string, other: string): boolean {
  const plain = (location: string) =>
    location
      .replace(/\/$/, "")
      .replace(/\.git$/, "")
      .replace(/^(\w+:\/\/)[^/@]*@/, "$1");
  return plain(one) === plain(other);
}
