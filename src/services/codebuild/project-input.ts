import type {
  CreateProjectCommandInput,
  EnvironmentVariable,
  UpdateProjectCommandInput,
} from "@aws-sdk/client-codebuild";
import { AwsError } from "../../aws-api/aws-error.ts";
import type {
  ArtifactsRecord,
  ProjectEnvironmentRecord,
  ProjectRecord,
  SourceRecord,
  VariableRecord,
} from "./project.ts";

type ProjectInput = CreateProjectCommandInput | UpdateProjectCommandInput;

/** Source types that a build can be given here. The others would need a provider that is not on this machine. */
const sourceTypes = new Set(["CODEPIPELINE", "S3", "NO_SOURCE"]);

/** What a project may ask for and is not carried out: refused by name, so that nobody trusts in it. */
const notCarriedOut: Record<string, (value: unknown) => boolean> = {
  secondarySources: isNotEmpty,
  secondaryArtifacts: isNotEmpty,
  secondarySourceVersions: isNotEmpty,
  vpcConfig: isNotEmpty,
  buildBatchConfig: isNotEmpty,
  fileSystemLocations: isNotEmpty,
  concurrentBuildLimit: (value) => value !== undefined,
  autoRetryLimit: (value) => value !== undefined && value !== 0,
};

function isNotEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Checks an input and makes the members of a record that it determines. Throws AwsError InvalidInputException. */
export function readProjectInput(input: ProjectInput): Partial<ProjectRecord> {
  for (const [member, isAsked] of Object.entries(notCarriedOut)) {
    if (isAsked(input[member as keyof ProjectInput])) {
      throw invalid(`Chubo does not support ${member} of a CodeBuild project yet (see docs/deviations.md)`);
    }
  }
  const { name, description, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes, tags } = input;
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/.test(name))
    throw invalid(`Invalid project name: ${name}`);
  checkRange("timeoutInMinutes", timeoutInMinutes, 5, 2160);
  checkRange("queuedTimeoutInMinutes", queuedTimeoutInMinutes, 5, 480);
  if (serviceRole !== undefined && !/^arn:[^:]+:iam::\d{12}:role\/.+/.test(serviceRole)) {
    throw invalid(`Invalid service role: ${serviceRole}`);
  }
  const read = withoutUndefined({
    name,
    description,
    serviceRole,
    timeoutInMinutes,
    queuedTimeoutInMinutes,
    tags,
    source: input.source === undefined ? undefined : readSource(input.source),
    artifacts: input.artifacts === undefined ? undefined : readArtifacts(input.artifacts),
    environment: input.environment === undefined ? undefined : readEnvironment(input.environment),
  });
  return read as Partial<ProjectRecord>;
}

function readSource(source: NonNullable<ProjectInput["source"]>): SourceRecord {
  const { type, location, buildspec } = source;
  if (type === undefined) throw invalid("Project source type is required");
  if (!sourceTypes.has(type)) throw invalid(`Chubo does not support source type ${type} yet (see docs/deviations.md)`);
  if (type === "NO_SOURCE" && buildspec === undefined) {
    throw invalid("Project source type NO_SOURCE requires buildspec to be specified inline");
  }
  if (type === "S3" && location === undefined) throw invalid("Project source location is required for source type S3");
  return withoutUndefined({ type, location, buildspec }) as SourceRecord;
}

function readArtifacts(artifacts: NonNullable<ProjectInput["artifacts"]>): ArtifactsRecord {
  if (artifacts.type === undefined) throw invalid("Project artifacts type is required");
  if (artifacts.type === "S3" && artifacts.location === undefined) {
    throw invalid("Invalid artifacts: location must be specified for type S3");
  }
  return withoutUndefined({ ...artifacts }) as ArtifactsRecord;
}

function readEnvironment(environment: NonNullable<ProjectInput["environment"]>): ProjectEnvironmentRecord {
  const { type, image, computeType, privilegedMode, environmentVariables = [] } = environment;
  if (image === undefined || image === "") throw invalid("Project environment image is required");
  if (type !== "LINUX_CONTAINER" && type !== "ARM_CONTAINER") {
    throw invalid(`Chubo does not support environment type ${type} yet (see docs/deviations.md)`);
  }
  return {
    type,
    image,
    computeType: computeType ?? "BUILD_GENERAL1_SMALL",
    privilegedMode: privilegedMode ?? false,
    environmentVariables: environmentVariables.map(readVariable),
  };
}

export function readVariable({ name, value, type }: EnvironmentVariable): VariableRecord {
  if (name === undefined || name === "") throw invalid("Environment variable name is required");
  if (name.startsWith("CODEBUILD_")) throw invalid(`Environment variable name cannot start with CODEBUILD_: ${name}`);
  return { name, value: value ?? "", type: type ?? "PLAINTEXT" };
}

function checkRange(member: string, value: number | undefined, from: number, to: number): void {
  if (value !== undefined && (value < from || value > to)) {
    throw invalid(`Invalid ${member}: value must be between ${from} and ${to}`);
  }
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(record: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;
}

export function invalid(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}
