import assert from "node:assert/strict";
import { test } from "node:test";
import type { CreateProjectCommandInput } from "@aws-sdk/client-codebuild";
import { environment, hello, openOperations, rejects } from "../../../../test/builds/call-operations.ts";
import { account } from "../../../../test/builds/run-test-build.ts";
import { AwsError } from "../../../aws-api/aws-error.ts";

const wrong: { title: string; change: Partial<CreateProjectCommandInput>; name?: string; message: RegExp }[] = [
  { title: "a name with a dot", change: { name: "a.b" }, message: /^Invalid project name: a\.b$/ },
  {
    title: "a short timeout",
    change: { timeoutInMinutes: 4 },
    name: "ValidationException",
    message: /^1 validation error detected: Value '4' at 'timeoutInMinutes' .* greater than or equal to 5$/,
  },
  { title: "a role that is none", change: { serviceRole: "role" }, message: /^Invalid service role$/ },
  { title: "no source and no buildspec", change: { source: { type: "NO_SOURCE" } }, message: /requires a buildspec/ },
  {
    title: "a source type that there is not",
    change: { source: { type: "FTP" as "S3", location: "x" } },
    name: "ValidationException",
    message:
      /Value 'FTP' at 'source\.type' failed to satisfy constraint: Member must satisfy enum value set: \[CODECOMMIT, /,
  },
  {
    title: "CODEPIPELINE on one side only",
    change: { artifacts: { type: "CODEPIPELINE" } },
    message: /^Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE$/,
  },
];

/** Messages that are anchored at both ends and no enum's are AWS's, from public reports of them. */
wrong.push(
  {
    title: "a name of an artifact that there is not",
    change: { artifacts: { type: "NO_ARTIFACTS", name: "x" } },
    message: /^Invalid artifacts: artifact type NO_ARTIFACTS should have null output name$/,
  },
  {
    title: "a curated image that the role is to pull",
    change: {
      environment: { ...environment, image: "aws/codebuild/standard:7.0", imagePullCredentialsType: "SERVICE_ROLE" },
    },
    message: /^Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE$/,
  },
  {
    title: "an image of another account that CodeBuild is to pull",
    change: { environment: { ...environment, image: "999999999999.dkr.ecr.us-east-1.amazonaws.com/build:1" } },
    message: /^Invalid input: cannot use a cross-account ECR image with imagePullCredentialsType CODEBUILD$/,
  },
  {
    title: "a registry's credential that nobody uses",
    change: {
      environment: { ...environment, registryCredential: { credential: "hub", credentialProvider: "SECRETS_MANAGER" } },
    },
    message: /registryCredential needs imagePullCredentialsType SERVICE_ROLE/,
  },
  {
    title: "a source without a location",
    change: { source: { type: "GITHUB" } },
    message: /location is required for source type GITHUB/,
  },
  {
    title: "a repository that is none of GitHub's",
    change: { source: { type: "GITHUB", location: "https://example.test/o/r" } },
    message: /^Invalid project source: source location must be a valid GitHub repository URL$/,
  },
  {
    title: "a secondary source from a pipeline",
    change: { secondarySources: [{ type: "CODEPIPELINE", sourceIdentifier: "a" }] },
    message: /CODEPIPELINE is not allowed for secondarySources/,
  },
  {
    title: "too long a description",
    change: { description: "x".repeat(256) },
    name: "ValidationException",
    message: /at 'description' failed .* less than or equal to 255$/,
  },
  {
    title: "too many tags",
    change: { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: "" })) },
    name: "ValidationException",
    message: /at 'tags' failed .* less than or equal to 50$/,
  },
  { title: "an S3 cache without a location", change: { cache: { type: "S3" } }, message: /cache: location must be/ },
);

/** Members that take one of a few words. */
const enums: [member: string, change: object][] = [
  ["environment.type", { environment: { ...environment, type: "LINUX" } }],
  ["environment.computeType", { environment: { ...environment, computeType: "SMALL" } }],
  ["environment.imagePullCredentialsType", { environment: { ...environment, imagePullCredentialsType: "ROLE" } }],
  ["artifacts.packaging", { artifacts: { type: "S3", location: "b", packaging: "TAR" } }],
  ["artifacts.namespaceType", { artifacts: { type: "S3", location: "b", namespaceType: "ID" } }],
  ["cache.type", { cache: { type: "DISK" } }],
  ["cache.modes", { cache: { type: "LOCAL", modes: ["LOCAL_CACHE"] } }],
];
wrong.push(
  ...enums.map(([member, change]) => ({
    ...{ title: `another ${member} than there are`, change, name: "ValidationException" },
    message: new RegExp(`at '${member}' failed to satisfy constraint: Member must satisfy enum value set: \\[`),
  })),
);

const secondary = (...identifiers: string[]): Partial<CreateProjectCommandInput> => ({
  secondarySources: identifiers.map((sourceIdentifier) => ({ type: "S3", location: "a/b.zip", sourceIdentifier })),
});
wrong.push(
  {
    title: "thirteen secondary sources",
    change: secondary(...Array.from({ length: 13 }, (_, index) => `s${index}`)),
    message: /has 12 at the most/,
  },
  { title: "a secondary source without a name", change: secondary(""), message: /identifier: none is given/ },
  { title: "two secondary sources of one name", change: secondary("a", "a"), message: /Duplicate .* identifier: a$/ },
  {
    title: "a version of a secondary source that there is not",
    change: { ...secondary("a"), secondarySourceVersions: [{ sourceIdentifier: "b", sourceVersion: "x" }] },
    message: /no secondary source is named b/,
  },
);

for (const { title, change, name = "InvalidInputException", message } of wrong) {
  test(`a project with ${title} is refused`, async (t) => {
    await rejects(openOperations(t).call("CreateProject", { ...hello, ...change }), name, message);
  });
}

test("a project whose role builds may not take is refused, at its making and at a change", async (t) => {
  const words = "CodeBuild is not authorized to perform: sts:AssumeRole on service role.";
  const assume = (role: string) => {
    if (role.endsWith("/other")) throw new AwsError("AccessDenied", words);
    return { accessKeyId: "ASIATESTTESTTEST", secretAccessKey: "s", principal: { arn: role, account, userId: "u" } };
  };
  const revoked: string[] = [];
  const { call } = openOperations(t, { roles: { assume, revoke: (key) => void revoked.push(key) } });
  const other = { serviceRole: `arn:aws:iam::${account}:role/other` };
  const message = new RegExp(`^${words.replaceAll(".", "\\.")}$`);
  await rejects(call("CreateProject", { ...hello, ...other }), "InvalidInputException", message);
  assert.deepEqual((await call("ListProjects", {})).projects, []);
  await call("CreateProject", hello);
  assert.deepEqual(revoked, ["ASIATESTTESTTEST"]);
  await rejects(call("UpdateProject", { name: "hello", ...other }), "InvalidInputException", message);
  const { projects } = await call("BatchGetProjects", { names: ["hello"] });
  assert.equal(projects?.[0]?.serviceRole, hello.serviceRole);
});

test("a project shows what AWS adds to what it was given", async (t) => {
  const { call } = openOperations(t);
  const { project } = await call("CreateProject", { ...hello, artifacts: { type: "S3", location: "bucket" } });
  assert.equal(project?.environment?.imagePullCredentialsType, "CODEBUILD");
  assert.deepEqual(project?.artifacts, { type: "S3", location: "bucket", packaging: "NONE" });
  assert.equal(project?.source?.insecureSsl, false);
  assert.deepEqual([project?.badge, project?.cache], [{ badgeEnabled: false }, { type: "NO_CACHE" }]);
  assert.deepEqual([project?.timeoutInMinutes, project?.queuedTimeoutInMinutes], [60, 480]);
});

test("a limit of -1 takes the concurrent build limit away, in UpdateProject alone", async (t) => {
  const { call } = openOperations(t);
  const unlimited = { ...hello, concurrentBuildLimit: -1 };
  await rejects(call("CreateProject", unlimited), "ValidationException", /at 'concurrentBuildLimit'/);
  await call("CreateProject", { ...hello, concurrentBuildLimit: 2 });
  const { project } = await call("UpdateProject", { name: "hello", concurrentBuildLimit: -1 });
  assert.equal(project?.concurrentBuildLimit, undefined);
  await call("UpdateProject", { name: "hello", description: "" });
  await rejects(
    call("UpdateProject", { name: "hello", concurrentBuildLimit: 0 }),
    "ValidationException",
    /equal to 1$/,
  );
});
