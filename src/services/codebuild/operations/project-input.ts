import type {
  CreateProjectCommandInput,
  EnvironmentVariable,
  ProjectSource,
  ProjectSourceVersion,
  UpdateProjectCommandInput,
} from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { identifierRefusal, isArtifactIdentifier } from "../artifacts/artifact-identifier.ts";
import { mostBatchBuilds } from "../batch/plan-batch.ts";
import { checkFileSystems } from "../file-systems.ts";
import type {
  ArtifactsRecord,
  ProjectEnvironmentRecord,
  ProjectRecord,
  ProjectSettings,
  SourceRecord,
  VariableRecord,
} from "../project.ts";
import { settingNames } from "../project.ts";
import { checkEnvironmentEnums } from "./check-environment.ts";
import { checkEnum, checkLength, checkRange, constraintError } from "./constraint.ts";

type ProjectInput = CreateProjectCommandInput | UpdateProjectCommandInput;

const sourceTypes =
  "CODECOMMIT CODEPIPELINE GITHUB GITHUB_ENTERPRISE BITBUCKET GITLAB GITLAB_SELF_MANAGED S3 NO_SOURCE";
const artifactTypes = "CODEPIPELINE S3 NO_ARTIFACTS";
const variableTypes = "PLAINTEXT PARAMETER_STORE SECRETS_MANAGER";
const cacheModes = ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"];

/**
 * Checks an input and makes the members of a record that it determines. Throws AwsError InvalidInputException.
 * A project may ask for what no build here can be given; `checkBuildable` refuses that when a build starts.
 */
export function readProjectInput(input: ProjectInput): Partial<ProjectRecord> {
  const { name, description, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes, tags, sourceVersion } = input;
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/.test(name)) {
    // AWS's pattern, https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html; its text is not known.
    throw invalid(`Invalid project name: ${name}`);
  }
  checkLength(description === "" ? undefined : description, "description", 255);
  checkLength(tags?.length === 0 ? undefined : tags?.map(({ key = "" }) => key), "tags", 50);
  checkRange(timeoutInMinutes, "timeoutInMinutes", 5, 2160);
  checkRange(queuedTimeoutInMinutes, "queuedTimeoutInMinutes", 5, 480);
  checkRole(serviceRole);
  const read = withoutUndefined({
    name,
    description,
    serviceRole,
    timeoutInMinutes,
    queuedTimeoutInMinutes,
    sourceVersion,
    tags: tags === undefined ? undefined : tags.map((tag) => ({ ...tag })),
    source: input.source === undefined ? undefined : readSource(input.source),
    artifacts: input.artifacts === undefined ? undefined : readArtifacts(input.artifacts),
    environment: input.environment === undefined ? undefined : readEnvironment(input.environment),
    settings: readSettings(input),
  });
  return read as Partial<ProjectRecord>;
}

function readSettings(input: ProjectInput): ProjectSettings {
  checkSecondaryArtifacts(input.secondaryArtifacts ?? []);
  checkSecondarySources(input.secondarySources ?? [], input.secondarySourceVersions ?? []);
  checkRange(input.concurrentBuildLimit, "concurrentBuildLimit", 1, Number.MAX_SAFE_INTEGER);
  checkRange(input.autoRetryLimit, "autoRetryLimit", 0, 10);
  checkCache(input.cache);
  checkBatchConfig(input.buildBatchConfig ?? {});
  checkFileSystems(input.fileSystemLocations ?? []);
  const given = settingNames.map((name) => [name, input[name as keyof ProjectInput]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as ProjectSettings;
}

function checkCache(cache: ProjectInput["cache"]): void {
  const { type, location = "", modes = [] } = cache ?? {};
  checkEnum(type, "cache.type", ["NO_CACHE", "S3", "LOCAL"]);
  for (const mode of modes) checkEnum(mode, "cache.modes", cacheModes);
  if (type === "S3" && location === "") throw invalid("Invalid cache: location must be specified for type S3");
}

/**
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectBuildBatchConfig.html gives no range of minutes, and
 * none of builds: they are a build's own, and the quota of builds in a batch.
 */
function checkBatchConfig(config: NonNullable<ProjectInput["buildBatchConfig"]>): void {
  const { serviceRole, timeoutInMins, batchReportMode, restrictions = {} } = config;
  checkRole(serviceRole);
  checkRange(timeoutInMins, "buildBatchConfig.timeoutInMins", 5, 2160);
  checkEnum(batchReportMode, "buildBatchConfig.batchReportMode", [
    "REPORT_INDIVIDUAL_BUILDS",
    "REPORT_AGGREGATED_BATCH",
  ]);
  checkRange(
    restrictions.maximumBuildsAllowed,
    "buildBatchConfig.restrictions.maximumBuildsAllowed",
    1,
    mostBatchBuilds,
  );
  for (const name of ["computeTypesAllowed", "fleetsAllowed"] as const) {
    if (restrictions[name]?.includes("") !== true) continue;
    const constraint = "Member must satisfy constraint: [Member must have length greater than or equal to 1]";
    throw constraintError(`[${restrictions[name].join(", ")}]`, `buildBatchConfig.restrictions.${name}`, constraint);
  }
}

function checkRole(role: string | undefined): void {
  if (role === undefined || /^arn:[^:]+:iam::\d{12}:role\/.+/.test(role)) return;
  throw invalid("Invalid service role");
}

function readSource(source: NonNullable<ProjectInput["source"]>): SourceRecord {
  const { type, location, buildspec } = source;
  checkOneOf("Project source type", "source.type", type, sourceTypes);
  if (type === "NO_SOURCE" && (buildspec ?? "") === "") {
    throw invalid("Project source type NO_SOURCE requires a buildspec");
  }
  if (type !== "NO_SOURCE" && type !== "CODEPIPELINE" && (location ?? "") === "") {
    throw invalid(`Project source location is required for source type ${type}`);
  }
  if (type === "GITHUB" && !isGitHubUrl(location ?? "")) {
    throw invalid("Invalid project source: source location must be a valid GitHub repository URL");
  }
  return withoutUndefined({ ...source }) as SourceRecord;
}

/** The word is what organisation webhooks have in place of a repository. */
function isGitHubUrl(location: string): boolean {
  const repository = /^(https:\/\/([^/@]+@)?github\.com\/|git@github\.com:)[^/]+\/[^/]+/;
  return location === "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION" || repository.test(location);
}

const largestSources = 12;

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-multi-in-out.html; the sentences are ours. */
export function checkSecondarySources(sources: readonly ProjectSource[], versions: readonly ProjectSourceVersion[]) {
  if (sources.length > largestSources) {
    throw invalid(`Invalid secondary sources: a project has ${largestSources} at the most`);
  }
  const identifiers = sources.map(({ sourceIdentifier }) => sourceIdentifier ?? "");
  for (const [index, source] of sources.entries()) {
    const identifier = identifiers[index] as string;
    if (!/^\w{1,127}$/.test(identifier)) {
      throw invalid(`Invalid secondary source identifier: ${identifier || "none is given"}`);
    }
    if (identifiers.indexOf(identifier) !== index)
      throw invalid(`Duplicate secondary source identifier: ${identifier}`);
    if (source.type === "CODEPIPELINE") {
      throw invalid("Invalid input: sourceType CODEPIPELINE is not allowed for secondarySources");
    }
    readSource(source);
  }
  const unknown = versions.find(({ sourceIdentifier }) => !identifiers.includes(sourceIdentifier ?? ""));
  if (sources.length > 0 && unknown !== undefined) {
    throw invalid(`Invalid secondary source version: no secondary source is named ${unknown.sourceIdentifier}`);
  }
}

function readArtifacts(artifacts: NonNullable<ProjectInput["artifacts"]>): ArtifactsRecord {
  const { type, location, name, namespaceType, packaging } = artifacts;
  checkOneOf("Project artifacts type", "artifacts.type", type, artifactTypes);
  checkEnum(namespaceType, "artifacts.namespaceType", ["NONE", "BUILD_ID"]);
  checkEnum(packaging, "artifacts.packaging", ["NONE", "ZIP"]);
  if (type === "S3" && (location ?? "") === "") {
    throw invalid("Invalid artifacts: location must be specified for type S3");
  }
  if (type === "NO_ARTIFACTS" && name !== undefined) {
    throw invalid("Invalid artifacts: artifact type NO_ARTIFACTS should have null output name");
  }
  return { ...(type === "S3" && { packaging: "NONE" }), ...withoutUndefined({ ...artifacts }) } as ArtifactsRecord;
}

const mostSecondaryArtifacts = 12;

/** The refusals of type and identifier are AWS's; those of number and repetition are ours. */
function checkSecondaryArtifacts(artifacts: NonNullable<ProjectInput["secondaryArtifacts"]>): void {
  if (artifacts.length > mostSecondaryArtifacts) {
    throw invalid(`Invalid secondaryArtifacts: at most ${mostSecondaryArtifacts} are allowed`);
  }
  const identifiers = new Set<string>();
  for (const artifact of artifacts) {
    const { artifactIdentifier = "", type } = artifact;
    if (type === "CODEPIPELINE") {
      throw invalid("Invalid input: artifactType CODEPIPELINE is not allowed for secondaryArtifacts");
    }
    readArtifacts(artifact);
    if (!isArtifactIdentifier(artifactIdentifier)) throw invalid(identifierRefusal);
    if (identifiers.has(artifactIdentifier)) {
      throw invalid(`Invalid input: the artifact identifier ${artifactIdentifier} is there twice`);
    }
    identifiers.add(artifactIdentifier);
  }
}

/** For a whole project, after an update or an override as well. */
export function checkPipelineTypes({ source, artifacts }: Pick<ProjectRecord, "source" | "artifacts">): void {
  if ((source.type === "CODEPIPELINE") !== (artifacts.type === "CODEPIPELINE")) {
    throw invalid(
      "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE",
    );
  }
}

function readEnvironment(environment: NonNullable<ProjectInput["environment"]>): ProjectEnvironmentRecord {
  const { image, type, computeType, privilegedMode, environmentVariables = [], ...others } = environment;
  if (image === undefined || image === "") throw invalid("Project environment image is required");
  if (type === undefined) throw invalid("Project environment type is required");
  checkEnvironmentEnums(environment);
  return {
    imagePullCredentialsType: "CODEBUILD",
    ...withoutUndefined(others),
    type,
    image,
    computeType: computeType ?? "BUILD_GENERAL1_SMALL",
    privilegedMode: privilegedMode ?? false,
    environmentVariables: environmentVariables.map(readVariable),
  };
}

export function readVariable({ name, value, type }: EnvironmentVariable): VariableRecord {
  if (name === undefined || name === "") throw invalid("Environment variable name is required");
  checkEnum(type, "environment.environmentVariables.type", variableTypes.split(" "));
  return { name, value: value ?? "", type: type ?? "PLAINTEXT" };
}

function checkOneOf(what: string, member: string, value: string | undefined, allowed: string): void {
  if (value === undefined || value === "") throw invalid(`${what} is required`);
  checkEnum(value, member, allowed.split(" "));
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

export function withoutUndefined<T extends object>(record: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;
}

export function invalid(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}
