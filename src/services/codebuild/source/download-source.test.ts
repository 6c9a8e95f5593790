import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, zipOf } from "../../../../test/builds/run-test-build.ts";
import type { VariableRecord } from "../project.ts";

const environmentOf = (...environmentVariables: VariableRecord[]) => ({
  type: "LINUX_CONTAINER",
  image: "i",
  computeType: "BUILD_GENERAL1_SMALL",
  privilegedMode: false,
  environmentVariables,
});

test("secrets are resolved, given to the commands and masked wherever they appear, also in pieces", async (t) => {
  const env = { "secrets-manager": { USER: "$" + "{ID}:user", PASSWORD: "$" + "{ID}:password" } };
  const commands = [
    'echo "got $PASSWORD"',
    "printf 'correct-'; sleep 0.05; printf 'horse\\n'",
    "echo correct-horse",
    "echo $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN",
    "test $PASSWORD = correct-horse && test $USER = alice",
    "nonesuch-correct-horse",
  ];
  const { log, build, opened } = await runTestBuild(t, buildspecOf({ build: commands }, { env }), {
    project: { environment: environmentOf({ name: "ID", value: "hub", type: "PLAINTEXT" }) },
  });
  assert.doesNotMatch(
    log + opened.cloudWatchLog + JSON.stringify(build.phases),
    /correct-horse|ASIATESTTESTTEST|s3cr3t|tok3n/,
  );
  assert.match(log, /^got \*\*\*$/m);
  assert.match(log, /Running command echo \*\*\*\n\*\*\*\n/);
  assert.match(log, /^\*\*\* \*\*\* \*\*\*$/m);
  assert.match(failureOf(build), /Error while executing command: nonesuch-\*\*\*\. Reason: exit status 127/);
  assert.deepEqual(
    opened.calls.filter((call) => call.startsWith("secretsmanager")),
    ["secretsmanager:GetSecretValue"],
  );
});

test("parameters are fetched ten at a time, and said to be", async (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `P${index}`);
  const env = { "parameter-store": Object.fromEntries(names.map((name) => [name, `/app/${name}`])) };
  const { log, opened } = await runTestBuild(
    t,
    buildspecOf({ build: ["test $P11 = value11 && echo right"] }, { env }),
    {
      account({ parameters }) {
        for (const [index, name] of names.entries()) parameters.set(`/app/${name}`, `value${index}`);
      },
    },
  );
  assert.match(log, /Decrypting parameter store environment variables/);
  assert.match(log, /^right$/m);
  assert.deepEqual(
    opened.calls.filter((call) => call.startsWith("ssm")),
    ["ssm:GetParameters", "ssm:GetParameters"],
  );
});

const refused: { title: string; env: object; failure: RegExp }[] = [
  {
    title: "a secret that the role may not read",
    env: { "secrets-manager": { X: "other:key" } },
    failure: /^DOWNLOAD_SOURCE Secrets Manager Error: AccessDeniedException: User: arn:.*GetSecretValue$/,
  },
  {
    title: "a key that is not in the secret",
    env: { "secrets-manager": { X: "hub:nonesuch" } },
    failure: /^DOWNLOAD_SOURCE Secrets Manager Error: no key nonesuch in the secret hub$/,
  },
  {
    title: "a key of a secret that is no JSON",
    env: { "secrets-manager": { X: "plain:key" } },
    failure: /^DOWNLOAD_SOURCE Secrets Manager Error: the secret plain is not JSON/,
  },
  {
    title: "a parameter that there is not",
    env: { "parameter-store": { X: "/none" } },
    failure: /^DOWNLOAD_SOURCE Decrypted Variables Error: parameter does not exist: \/none$/,
  },
];

for (const { title, env, failure } of refused) {
  test(`${title} fails DOWNLOAD_SOURCE`, async (t) => {
    const { build, log } = await runTestBuild(t, buildspecOf({ build: ["true"] }, { env }), {
      account: ({ secrets }) => secrets.set("plain", "text"),
    });
    assert.match(failureOf(build), failure);
    assert.doesNotMatch(log, /Entering phase/);
  });
}

test("the project's variables win over the buildspec's, and neither is expanded or hides CodeBuild's own", async (t) => {
  const variables = { A: "buildspec", B: "$HOME/x", CODEBUILD_BUILD_NUMBER: "99", AWS_REGION: "eu-west-1" };
  const { log, build } = await runTestBuild(
    t,
    buildspecOf(
      { build: ['echo "$A $B $CODEBUILD_BUILD_NUMBER $AWS_REGION $AWS_DEFAULT_REGION"'] },
      { env: { variables } },
    ),
    { project: { environment: environmentOf({ name: "A", value: "project", type: "PLAINTEXT" }) } },
  );
  assert.match(log, /^project \$HOME\/x 1 eu-west-1 us-east-1$/m);
  assert.equal(build.status, "SUCCEEDED");
});

test("a key pair of the build's own is not mixed with the role's session token", async (t) => {
  const variables = { AWS_ACCESS_KEY_ID: "own", AWS_SECRET_ACCESS_KEY: "own" };
  const { log } = await runTestBuild(
    t,
    buildspecOf({ build: ['echo "$AWS_ACCESS_KEY_ID [$AWS_SESSION_TOKEN]"'] }, { env: { variables } }),
  );
  assert.match(log, /^own \[\]$/m);
});

test("keys of the buildspec and settings of the project without an effect are named in the log", async (t) => {
  const { log, build } = await runTestBuild(
    t,
    buildspecOf({ build: ["true"] }, { cache: { paths: ["x"] }, artefacts: {} }),
    { project: { settings: { vpcConfig: { vpcId: "vpc-1" }, cache: { type: "NO_CACHE" } } } },
  );
  assert.equal(build.status, "SUCCEEDED");
  assert.match(log, /Warning: artefacts \(line 1\) is no key of a buildspec; it has no effect\n/);
  assert.match(log, /Warning: vpcConfig of the project has no effect here\n/);
  assert.doesNotMatch(log, /Cache is not defined/);
  assert.match(log, /Skip cache due to: the project has no cache/);
});

const project = { source: { type: "CODEPIPELINE" } };

test("without an inline buildspec the source's buildspec.yml is read, or the file that the project names", async (t) => {
  const files = {
    "buildspec.yml": buildspecOf({ build: ["echo one"] }),
    "ci/two.yml": buildspecOf({ build: ["echo two"] }),
  };
  assert.match(
    (await runTestBuild(t, "", { project, files })).log,
    /YAML location is \/\S+\/src\/buildspec\.yml\n[\s\S]*^one$/m,
  );
  const named = { source: { type: "CODEPIPELINE", buildspec: "ci/two.yml" } };
  assert.match((await runTestBuild(t, "", { project: named, files })).log, /^two$/m);
});

test("a buildspec may lie in S3", async (t) => {
  const { log } = await runTestBuild(t, "", {
    project: { source: { type: "CODEPIPELINE", buildspec: "arn:aws:s3:::specs/a/b.yml" } },
    account: ({ objects }) => objects.set("specs/a/b.yml", Buffer.from(buildspecOf({ build: ["echo from S3"] }))),
  });
  assert.match(log, /^from S3$/m);
});

test("a missing buildspec fails DOWNLOAD_SOURCE with YAML_FILE_ERROR, and no location is told", async (t) => {
  const { build, log } = await runTestBuild(t, "", { project });
  assert.equal(failureOf(build), "DOWNLOAD_SOURCE YAML_FILE_ERROR: YAML file does not exist");
  assert.doesNotMatch(log, /YAML location/);
  const source = { type: "CODEPIPELINE", buildspec: "ci/none.yml" };
  const { build: second } = await runTestBuild(t, "", { project: { source } });
  assert.match(
    failureOf(second),
    /^DOWNLOAD_SOURCE YAML_FILE_ERROR: stat \S+\/src\/ci\/none\.yml: no such file or directory$/,
  );
});

test("a buildspec outside of the source directory is not read", async (t) => {
  const source = { type: "CODEPIPELINE", buildspec: "../../../../../../../../etc/passwd" };
  const { build } = await runTestBuild(t, "", { project: { source } });
  assert.match(failureOf(build), /YAML_FILE_ERROR: stat \S+passwd: no such file or directory$/);
});

test("a faulty buildspec fails with AWS's words, and whoever watches learns the place and what to do", async (t) => {
  const text = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo one\n      - echo a: b\n";
  const { build, opened } = await runTestBuild(t, "", { project, files: { "buildspec.yml": text } });
  const words =
    "Expected Commands[1] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty";
  assert.equal(failureOf(build), `DOWNLOAD_SOURCE YAML_FILE_ERROR: ${words}`);
  assert.ok(
    opened.notes.some((note) => /^buildspec\.yml:6.*quote a command/.test(note)),
    opened.notes.join("\n"),
  );
});

test("an archive that is none fails DOWNLOAD_SOURCE", async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["true"] }), { sourceZip: Buffer.from("no zip") });
  assert.match(failureOf(build), /^DOWNLOAD_SOURCE CLIENT_ERROR: the source archive cannot be unpacked/);
});

test("a source in S3 is read as the build's role", async (t) => {
  const source = { type: "S3", location: "sources/app.zip", buildspec: buildspecOf({ build: ["cat hello.txt"] }) };
  const archive = await zipOf({ "hello.txt": "hello\n" });
  const { log } = await runTestBuild(t, "", {
    sourceZip: undefined,
    project: { source, artifacts: { type: "NO_ARTIFACTS" } },
    account: ({ objects }) => objects.set("sources/app.zip", archive),
  });
  assert.match(log, /^hello$/m);
  const { build } = await runTestBuild(t, "", { sourceZip: undefined, project: { source } });
  assert.match(failureOf(build), /^DOWNLOAD_SOURCE CLIENT_ERROR: NoSuchKey: The specified key does not exist\./);
});
