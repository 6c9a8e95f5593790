import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildEnvironment } from "../environment/environment.ts";
import type { SourceRecord } from "../project.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { sourceUrl } from "../variables/build-variables.ts";
import { isGitSource, repositoryPath } from "./repository-path.ts";
import { fetchObject, placeS3Source } from "./s3-source.ts";
import { unzipInto } from "./zip-files.ts";

/** A place as the commands see it, and as this process does. */
interface Place {
  inside: string;
  local: string;
}

/**
 * Puts the sources of a build where they are on AWS, and tells their variables:
 *
 *     …/output/src123456789/src                          S3, CODEPIPELINE
 *     …/output/src123456789/src/github.com/OWNER/NAME    a repository
 *     …/output/src987654321/src/…                        each secondary source
 */
export async function placeSources(run: BuildRun): Promise<Record<string, string>> {
  const { build, environment } = run;
  if (environment === undefined) throw new Error("sources are placed after PROVISIONING");
  const base = { inside: environment.sourceDirectory, local: environment.local.sourceDirectory };
  const primary = below(base, build.source);
  run.environment = movedTo(environment, primary);
  await placePrimary(run, primary);
  const variables: Record<string, string> = {};
  for (const source of build.secondarySources ?? []) {
    const { sourceIdentifier: id = "" } = source;
    const version = build.secondarySourceVersions?.find((one) => one.sourceIdentifier === id)?.sourceVersion;
    const place = below(sibling(base, run.collaborators.random()), source);
    await mkdir(place.local, { recursive: true });
    await placeSource(run, { source, version, name: id }, place.local);
    variables[`CODEBUILD_SRC_DIR_${id}`] = place.inside;
    variables[`CODEBUILD_SOURCE_REPO_URL_${id}`] = sourceUrl(source);
    if (version !== undefined) variables[`CODEBUILD_SOURCE_VERSION_${id}`] = version;
  }
  return variables;
}

async function placePrimary(run: BuildRun, { local }: Place): Promise<void> {
  const { build, input } = run;
  await mkdir(local, { recursive: true });
  if (input.sourceZip !== undefined) return unzipInto(input.sourceZip, local);
  if (build.source.type === "NO_SOURCE") return;
  const version = input.pinnedVersion ?? build.sourceVersion;
  const resolved = await placeSource(run, { source: build.source, version, name: "primary source" }, local);
  if (resolved !== undefined) build.resolvedSourceVersion = resolved;
}

interface NamedSource {
  source: SourceRecord;
  version: string | undefined;
  name: string;
}

/** Resolves with the commit of a repository. */
async function placeSource(run: BuildRun, named: NamedSource, target: string): Promise<string | undefined> {
  const { source, version, name } = named;
  const { location = "" } = source;
  if (isGitSource(source.type)) return placeRepository(run, named, target);
  const versionId = source.type === "S3" ? version : undefined;
  await placeS3Source(run, { location, versionId, name }, target);
  return undefined;
}

async function placeRepository(run: BuildRun, named: NamedSource, target: string): Promise<string | undefined> {
  const { source, version, name } = named;
  const { location = "", gitCloneDepth } = source;
  const { sources } = run.collaborators;
  const directory = sources.findDirectory(source);
  if (directory === undefined) throw new PhaseFailure("CLIENT_ERROR", missingDirectory(source));
  const { openGit, GitError } = await import("./run-git.ts");
  const { placeDirectory } = await import("./directory-source.ts");
  const git = openGit({ path: sources.path, signal: run.signal });
  const submodules = source.gitSubmodulesConfig?.fetchSubmodules === true;
  const mirrors = run.localCacheDirectories?.sources;
  try {
    const wanted = { directory, target, location, version, gitCloneDepth, submodules, mirrors };
    const placed = await placeDirectory(git, wanted);
    run.log.line(`Source ${withoutLogin(location)} is taken from the directory ${directory}: ${placed.description}`);
    return placed.commit;
  } catch (error) {
    // A directory that is not there, or not to be read, is the person's to mend as well.
    const isDefect = !(error instanceof GitError) && !(error instanceof Error && "syscall" in error);
    if (isDefect) throw error;
    // "reference not found for …" is remembered of builds on AWS; what comes before it is ours.
    const message = `${error.message} for ${name}${version === undefined ? "" : ` and source version ${version}`}`;
    throw new PhaseFailure("CLIENT_ERROR", message, { cause: error });
  }
}

/** What to do about a repository that nobody has given a directory for. */
export function missingDirectory({ type, location = "" }: SourceRecord): string {
  return (
    `source type ${type} needs a directory that stands in for ${withoutLogin(location)}: ` +
    `start chubo with --source ${withoutLogin(location) || "URL"}=DIRECTORY`
  );
}

/** A password in a URL is none of the log's business. */
function withoutLogin(location: string): string {
  return location.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** A buildspec that is an object of its own. */
export function fetchBuildspec(run: BuildRun, location: string): Promise<Buffer> {
  return fetchObject(run, { location, versionId: undefined, name: "primary source" });
}

function below({ inside, local }: Place, { type, location = "" }: SourceRecord): Place {
  const path = isGitSource(type) ? repositoryPath(location) : "";
  return path === "" ? { inside, local } : { inside: `${inside}/${path}`, local: join(local, path) };
}

function sibling({ inside, local }: Place, random: number): Place {
  const name = `src${100_000_000 + Math.floor(random * 900_000_000)}`;
  return { inside: `${dirname(dirname(inside))}/${name}/src`, local: join(dirname(dirname(local)), name, "src") };
}

function movedTo(environment: BuildEnvironment, { inside, local }: Place): BuildEnvironment {
  if (inside === environment.sourceDirectory) return environment;
  return { ...environment, sourceDirectory: inside, local: { ...environment.local, sourceDirectory: local } };
}
