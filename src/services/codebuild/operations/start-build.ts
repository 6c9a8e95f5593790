import type { Build, StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import type { Principal } from "../../../aws-api/service.ts";
import { type BuildRecord, describeBuild } from "../build.ts";
import type { CodeBuild } from "../codebuild.ts";
import { withVariables } from "../codebuild.ts";
import type { ProjectRecord } from "../project.ts";
import { getProject } from "./find-records.ts";
import type { IdempotencyTokens } from "./idempotency-tokens.ts";
import { checkPipelineTypes, invalid, readProjectInput, readVariable, withoutUndefined } from "./project-input.ts";

/** What a call may override; everything else that it holds is refused by name. */
const understood = new Set([
  "projectName",
  "sourceVersion",
  "sourceTypeOverride",
  "sourceLocationOverride",
  "buildspecOverride",
  "artifactsOverride",
  "secondaryArtifactsOverride",
  "environmentVariablesOverride",
  "environmentTypeOverride",
  "imageOverride",
  "computeTypeOverride",
  "privilegedModeOverride",
  "registryCredentialOverride",
  "imagePullCredentialsTypeOverride",
  "serviceRoleOverride",
  "timeoutInMinutesOverride",
  "queuedTimeoutInMinutesOverride",
  "encryptionKeyOverride",
  "logsConfigOverride",
  "cacheOverride",
  "idempotencyToken",
]);

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html */
export function startBuild(
  codeBuild: CodeBuild,
  input: StartBuildCommandInput,
  principal: Principal,
  tokens: IdempotencyTokens,
): Build {
  for (const [member, value] of Object.entries(input)) {
    if (value !== undefined && value !== false && !understood.has(member)) {
      throw invalid(`Cannot start build: Chubo does not support ${member} (see docs/deviations.md)`);
    }
  }
  const { idempotencyToken, ...request } = input;
  const earlier = tokens.find(idempotencyToken, request);
  const stored = earlier === undefined ? undefined : codeBuild.store.builds.get(earlier);
  if (stored !== undefined) return describeBuild(stored);
  const project = withOverrides(getProject(codeBuild.store, input.projectName), input);
  if (project.source.type === "CODEPIPELINE") {
    // AWS refuses this as well; its words are not known.
    throw invalid("Cannot start build: a project with source type CODEPIPELINE is started by a pipeline");
  }
  checkPipelineTypes(project);
  const { sourceVersion } = input;
  const build = codeBuild.start(
    project,
    { initiator: initiatorOf(principal), ...(sourceVersion === undefined ? {} : { sourceVersion }) },
    {},
  );
  tokens.keep(idempotencyToken, request, build.id);
  return describeBuild(build);
}

/** `root`, `alice` of a user, `ROLE/SESSION` of a role. */
function initiatorOf({ arn }: Principal): string {
  return (arn.split(":").at(-1) ?? "root").replace(/^(user|assumed-role|federated-user)\//, "");
}

function withOverrides(project: ProjectRecord, input: StartBuildCommandInput): ProjectRecord {
  const { source, environment, settings } = project;
  const read = readProjectInput({
    name: undefined,
    source: {
      ...source,
      type: input.sourceTypeOverride ?? (source.type as NonNullable<StartBuildCommandInput["sourceTypeOverride"]>),
      location: input.sourceLocationOverride ?? source.location,
      buildspec: input.buildspecOverride ?? source.buildspec,
    },
    ...(input.artifactsOverride === undefined ? {} : { artifacts: input.artifactsOverride }),
    secondaryArtifacts: input.secondaryArtifactsOverride,
    serviceRole: input.serviceRoleOverride,
    timeoutInMinutes: input.timeoutInMinutesOverride,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride,
    encryptionKey: input.encryptionKeyOverride,
    logsConfig: input.logsConfigOverride,
    cache: input.cacheOverride,
  });
  const overrides = withoutUndefined({
    type: input.environmentTypeOverride,
    image: input.imageOverride,
    computeType: input.computeTypeOverride,
    privilegedMode: input.privilegedModeOverride,
    imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
    registryCredential: input.registryCredentialOverride,
  });
  return {
    ...project,
    ...read,
    settings: { ...settings, ...read.settings },
    environment: withVariables(
      { ...environment, ...(overrides as Partial<typeof environment>) },
      (input.environmentVariablesOverride ?? []).map(readVariable),
    ),
  };
}

/** The same build once more. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuild.html */
export function retryBuild(codeBuild: CodeBuild, build: BuildRecord, principal: Principal): Build {
  if (build.status === "IN_PROGRESS") throw invalid("Cannot retry a build that is in progress");
  if (build.source.type === "CODEPIPELINE") throw invalid("Cannot retry a build that a pipeline started");
  const project = getProject(codeBuild.store, build.projectName);
  const { source, artifacts, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes } = build;
  const again = { source, artifacts, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes };
  const { sourceVersion } = build;
  const changes = { initiator: initiatorOf(principal), ...(sourceVersion === undefined ? {} : { sourceVersion }) };
  return describeBuild(codeBuild.start({ ...project, ...again }, changes, {}));
}
