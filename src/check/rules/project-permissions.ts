import type { BuildSecret, BuildStep } from "../build-job.ts";
import type { Pull } from "../judge/repository.ts";
import { decideSecretAccess, findGrantOfEverySecret } from "../judge/secret-access.ts";
import { findingsOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** CodeBuild reads the secret as the project's role, and fails the build in DOWNLOAD_SOURCE where it may not. */
export const secretWithoutPermission: Rule = {
  code: "CHUBO006",
  name: "secret-without-permission",
  level: "error",
  find: ({ jobs }) =>
    jobs.flatMap(({ file, stepsFile = file, job }) => {
      const { role, secrets = [], variables = {} } = job.codeBuild ?? {};
      if (role === undefined) return [];
      const context = { variables, secrets: file.extraction.secrets ?? [] };
      const isOfBuildspec = (secret: BuildSecret) =>
        stepsFile !== file && stepsFile.extraction.jobs.some((one) => one.codeBuild?.secrets.includes(secret));
      return secrets
        .filter(({ reference }) => decideSecretAccess(role, reference, context).access === "denied")
        .map((secret) => ({
          code: "CHUBO006",
          level: "error",
          message: `${role.logicalId} may not read the secret ${secret.reference}: the build stops before its first command`,
          file: isOfBuildspec(secret) ? stepsFile : file,
          range: secret.range,
          hint: "allow secretsmanager:GetSecretValue on the secret's ARN",
          related: [{ message: "the role", file, range: role.range }],
        }));
    }),
};

export const secretPermissionTooWide: Rule = {
  code: "CHUBO007",
  name: "secret-permission-too-wide",
  level: "warning",
  find: ({ jobs }) => {
    const seen = new Set<object>();
    return jobs.flatMap(({ file, job }) => {
      const statement = job.codeBuild?.role === undefined ? undefined : findGrantOfEverySecret(job.codeBuild.role);
      if (statement === undefined || seen.has(statement)) return [];
      seen.add(statement);
      return [
        {
          code: "CHUBO007",
          level: "warning",
          message: `${job.codeBuild?.role?.logicalId} may read every secret of the account`,
          file,
          range:
            statement.resourceRanges[statement.resources.findIndex((name) => name.endsWith("*"))] ?? statement.range,
          hint: "name the secret: !Ref SECRET, or arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????",
        },
      ];
    });
  },
};

/** Without it there is no Docker daemon in the build. */
export const privilegedModeMissing: Rule = {
  code: "CHUBO008",
  name: "privileged-mode-missing",
  level: "error",
  find: ({ jobs }) =>
    jobs.flatMap(({ file, job, steps }) => {
      const { isProject, privileged, environmentImage } = job.codeBuild ?? {};
      const build = steps.find(({ step }) => needsDaemon(step));
      if (isProject !== true || privileged !== false || build === undefined) return [];
      if (bringsDaemon.test(environmentImage?.reference ?? "")) return [];
      return [
        {
          code: "CHUBO008",
          level: "error",
          message: `${job.name} builds an image, and has no Docker daemon: PrivilegedMode is off`,
          file: build.file,
          range: build.step.range,
          hint: "set PrivilegedMode: true in the project's Environment",
          related: [{ message: "the project", file, range: job.range }],
        },
      ];
    }),
};

function needsDaemon(step: BuildStep): boolean {
  if (step.kind === "compose") return true;
  return step.kind === "build" && /^(?:docker|buildx|bake)$/.test(step.tool);
}

/**
 * CodeBuild's old images for Docker run one without the setting:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-codebuild-project-environment.html
 */
const bringsDaemon = /^aws\/codebuild\/docker:/;

export const registryCredentialWithoutServiceRole: Rule = {
  code: "CHUBO015",
  name: "registry-credential-without-service-role",
  level: "error",
  find: ({ jobs }) =>
    jobs.flatMap(({ file, job }) => {
      const { registryCredential: range, imagePullCredentialsType: type } = job.codeBuild ?? {};
      if (range === undefined || type === "SERVICE_ROLE") return [];
      return [
        {
          code: "CHUBO015",
          level: "error",
          message: "RegistryCredential is only used with ImagePullCredentialsType SERVICE_ROLE",
          file,
          range,
          hint: "add ImagePullCredentialsType: SERVICE_ROLE beside it",
        },
      ];
    }),
};

/** It is pulled before the first command: no login of the build covers it. */
export const environmentImageWithoutCredential: Rule = {
  code: "CHUBO016",
  name: "environment-image-without-credential",
  level: "error",
  find: ({ pulls }) =>
    findingsOf(environmentImageWithoutCredential, pulls.filter(isAnonymousEnvironment), ({ image }) => ({
      message: `the build's own environment ${image.written} is pulled anonymously from Docker Hub before its first command`,
      hint: "add RegistryCredential and ImagePullCredentialsType: SERVICE_ROLE, or take an image of aws/codebuild",
    })),
};

function isAnonymousEnvironment({ source, image, job, as }: Pull): boolean {
  const isEnvironment = image.kind === "runner" && job?.job.runner === "codebuild";
  return source === "docker-hub" && isEnvironment && as.kind === "anonymous";
}
