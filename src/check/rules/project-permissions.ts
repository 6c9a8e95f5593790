import { decideSecretAccess, findGrantOfEverySecret } from "../judge/secret-access.ts";
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
      return secrets
        .filter(({ reference }) => decideSecretAccess(role, reference, context).access === "denied")
        .map(({ reference, range }) => ({
          code: "CHUBO006",
          level: "error",
          message: `${role.logicalId} may not read the secret ${reference}: the build stops before its first command`,
          // A buildspec of its own file holds its secrets; the project's stand in the template.
          file: range.end <= file.text.length && stepsFile === file ? file : stepsFile,
          range,
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
    jobs.flatMap(({ file, stepsFile = file, job }) => {
      const { isProject, privileged } = job.codeBuild ?? {};
      const build = job.steps.find((step) => step.kind === "build" && /^(?:docker|buildx)$/.test(step.tool));
      if (isProject !== true || privileged !== false || build === undefined) return [];
      return [
        {
          code: "CHUBO008",
          level: "error",
          message: `${job.name} builds an image, and has no Docker daemon: PrivilegedMode is off`,
          file: stepsFile,
          range: build.range,
          hint: "set PrivilegedMode: true in the project's Environment",
          related: [{ message: "the project", file, range: job.range }],
        },
      ];
    }),
};

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
    pulls
      .filter(({ source, image, job, as }) => {
        const isCodeBuild = source === "docker-hub" && image.kind === "runner" && job?.job.runner === "codebuild";
        return isCodeBuild && as.kind === "anonymous";
      })
      .map((pull) => ({
        code: "CHUBO016",
        level: "error",
        message: `the build's own environment ${pull.image.written} is pulled anonymously from Docker Hub before its first command`,
        file: pull.file,
        range: pull.image.range,
        hint: "add RegistryCredential and ImagePullCredentialsType: SERVICE_ROLE, or take an image of aws/codebuild",
        pull,
      })),
};
