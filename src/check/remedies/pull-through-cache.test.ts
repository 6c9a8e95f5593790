import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { applyRemedy } from "./apply-remedy.ts";
import { logIn } from "./log-in.ts";
import { pullThroughCache } from "./pull-through-cache.ts";
import type { Remedy } from "./remedy.ts";

type Files = Record<string, string>;

function mend(repository: ReadRepository, remedy: (repository: ReadRepository) => Remedy = pullThroughCache) {
  const { edited, left } = applyRemedy(repository, remedy(repository));
  return { after: Object.fromEntries(edited.map(({ file, text }) => [file.path, text])), left };
}

function hubPulls({ pulls }: ReadRepository): string[] {
  return pulls.filter(({ source }) => source === "docker-hub").map(({ image }) => image.written);
}

const dockerfile =
  "# syntax-free\n# ours\nFROM httpd:2.4 AS web\nFROM docker.io/grafana/grafana:11\nCOPY --from=web /a /b\n";

/** The template's resources in JSON, as wide or as tight as `space` says. */
function jsonTemplate(buildspec: string, space?: string | number): string {
  const role = {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {},
      Policies: [
        { PolicyName: "p", PolicyDocument: { Statement: [{ Effect: "Allow", Action: "logs:*", Resource: "*" }] } },
      ],
    },
  };
  const build = {
    Type: "AWS::CodeBuild::Project",
    Properties: {
      ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] },
      Environment: { Image: "aws/codebuild/standard:7.0", PrivilegedMode: true },
      Source: { Type: "NO_SOURCE", BuildSpec: buildspec },
    },
  };
  return JSON.stringify({ Resources: { Role: role, Build: build } }, null, space);
}

describe("the pull-through cache remedy", () => {
  test("moves a project's pulls: rule, secret, permissions, variable, login and names; a second time changes nothing", (t) => {
    const files: Files = { "template.yml": templateOf(["docker build -t x ."]), Dockerfile: dockerfile };
    const { after, left } = mend(repositoryOf(t, files));
    assert.deepEqual(left, []);
    assert.equal(
      after.Dockerfile,
      dockerfile
        .replace("FROM httpd", `ARG DOCKER_HUB=docker.io\nFROM \${DOCKER_HUB}/library/httpd`)
        .replace("docker.io/grafana", `\${DOCKER_HUB}/grafana`),
    );
    const template = after["template.yml"] ?? "";
    const lines = template.split("\n");
    const kept = files["template.yml"]?.split("\n").filter((line) => !lines.includes(line)) ?? [];
    assert.deepEqual(kept, ["                - docker build -t x ."], "each other line of before is there");
    assert.match(
      template,
      /pre_build:\n +commands:\n +- aws ecr get-login-password \| docker login .* "\$DOCKER_HUB"\n/,
    );
    assert.match(template, /- docker build --build-arg DOCKER_HUB -t x \.$/m);
    assert.match(template, /Name: ecr-pullthroughcache\/docker-hub$/m);
    assert.equal(template.match(/NoEcho: true/g)?.length, 2);
    assert.equal(template.match(/ecr:GetAuthorizationToken/g)?.length, 1, "the role had that");
    const mended = repositoryOf(t, { ...files, ...after });
    assert.deepEqual(hubPulls(mended), []);
    assert.deepEqual(pullThroughCache(mended), { edits: [], left: [] });
  });

  test("takes a login to ECR that comes before the pull, and writes one before one that comes after", (t) => {
    const login = "aws ecr get-login-password | docker login --username AWS --password-stdin $REGISTRY";
    const build = "docker build .";
    const count = (commands: string[]) =>
      mend(repositoryOf(t, { "t.yml": templateOf(commands), Dockerfile: "FROM httpd\n" })).after["t.yml"]?.match(
        /get-login-password/g,
      )?.length;
    assert.equal(count([login, build]), 1);
    assert.equal(count([build, login]), 2);
  });

  for (const [name, space] of [
    ["tight", undefined],
    ["wide", 2],
    ["tabbed", "\t"],
  ] as const) {
    test(`writes ${name} JSON, with the buildspec in a string`, (t) => {
      const files: Files = { "t.json": jsonTemplate(buildspecOf("docker build ."), space), Dockerfile: "FROM httpd\n" };
      const { after, left } = mend(repositoryOf(t, files));
      assert.deepEqual(left, []);
      const { Parameters, Resources } = JSON.parse(after["t.json"] ?? "");
      assert.deepEqual(Object.keys(Parameters), ["DockerHubCacheUserName", "DockerHubCacheAccessToken"]);
      assert.deepEqual(Object.keys(Resources), ["DockerHubCacheSecret", "DockerHubCache", "Role", "Build"]);
      const statements = Resources.Role.Properties.Policies[0].PolicyDocument.Statement;
      assert.deepEqual(
        statements.map(({ Resource }: { Resource: unknown }) => typeof Resource),
        ["string", "object", "string"],
      );
      const { phases } = parse(Resources.Build.Properties.Source.BuildSpec);
      assert.match(phases.pre_build.commands[0], /^aws ecr get-login-password/);
      assert.deepEqual(phases.build.commands, ["docker build --build-arg DOCKER_HUB ."]);
      assert.deepEqual(hubPulls(repositoryOf(t, { ...files, ...after })), []);
      const secret = { secretName: "ci/hub" };
      const byLogin = mend(repositoryOf(t, files), (one) => logIn(one, secret));
      assert.deepEqual(byLogin.left, []);
      const again = logIn(repositoryOf(t, { ...files, ...byLogin.after }), secret);
      assert.deepEqual([again.edits, again.left], [[], []]);
    });
  }

  test("writes braces and brackets of YAML, in template and buildspec", (t) => {
    const template = `Resources:
  Role: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {}}}
  Build:
    Type: AWS::CodeBuild::Project
    Properties: {ServiceRole: !GetAtt Role.Arn, Environment: {Image: "aws/codebuild/standard:7.0", PrivilegedMode: true}, Source: {Type: CODEPIPELINE}}
`;
    const buildspec = "version: 0.2\nphases: {build: {commands: [docker build .]}}\n";
    const files: Files = { "t.yml": template, "buildspec.yml": buildspec, Dockerfile: "FROM httpd\n" };
    const { after, left } = mend(repositoryOf(t, files));
    assert.deepEqual(left, []);
    assert.match(after["t.yml"] ?? "", /AssumeRolePolicyDocument: \{\}, Policies: \[\{ PolicyName: docker-hub,/);
    assert.match(after["buildspec.yml"] ?? "", /^phases: \{pre_build: \{ commands: \[.*\] \}, build:/m);
    const mended = repositoryOf(t, { ...files, ...after });
    assert.deepEqual(hubPulls(mended), []);
    assert.deepEqual(pullThroughCache(mended), { edits: [], left: [] });
  });

  test("moves the images of commands, but for names that other commands use too or that stand in single quotes", (t) => {
    const commands = [
      "docker pull redis:7",
      "docker pull httpd:2.4",
      "docker tag httpd:2.4 mine",
      "docker pull 'nginx:1'",
    ];
    const { after, left } = mend(repositoryOf(t, { "t.yml": templateOf(commands) }));
    assert.match(after["t.yml"] ?? "", /- docker pull \$DOCKER_HUB\/library\/redis:7$/m);
    assert.match(after["t.yml"] ?? "", /- docker pull httpd:2\.4$/m);
    assert.deepEqual(
      left.map(({ message }) => message.split(":").at(-1)?.trim()),
      ["change them together", "its name stands in single quotes, where no variable is put in"],
    );
  });

  test("leaves what no variable reaches, with what to do", (t) => {
    const text =
      "FROM httpd@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nCOPY --from=nginx:1 /a /b\n";
    const { after, left } = mend(repositoryOf(t, { "t.yml": templateOf(["docker build ."]), Dockerfile: text }));
    assert.deepEqual(after, {});
    const messages = left.map(({ message }) => message).join("\n");
    for (const part of [/nothing in by a digest/, /FROM of its own/]) {
      assert.match(messages, part);
    }
  });

  test("BuildKit's own frontend comes through the cache by the build's argument", (t) => {
    const files: Files = {
      "t.yml": templateOf(["docker buildx build ."]),
      Dockerfile: "# syntax=docker/dockerfile:1\nFROM httpd:2.4\n",
    };
    const { after, left } = mend(repositoryOf(t, files));
    assert.deepEqual(left, []);
    assert.match(
      after["t.yml"] ?? "",
      /- docker buildx build --build-arg (?:DOCKER_HUB --build-arg )?BUILDKIT_SYNTAX=\$DOCKER_HUB\/docker\/dockerfile:1 /m,
    );
    assert.match(after.Dockerfile ?? "", /^# syntax=docker\/dockerfile:1\nARG DOCKER_HUB=docker\.io\nFROM /);
    const mended = repositoryOf(t, { ...files, ...after });
    assert.deepEqual(hubPulls(mended), []);
    assert.deepEqual(pullThroughCache(mended), { edits: [], left: [] });
  });

  test("a variable or an ARG of that name that means something else is not taken", (t) => {
    const variable =
      "        EnvironmentVariables:\n          - {Name: DOCKER_HUB, Value: x}\n        PrivilegedMode: true";
    const taken = repositoryOf(t, { "t.yml": templateOf(["docker pull httpd"], { environment: variable }) });
    const { left, edits } = pullThroughCache(taken);
    assert.deepEqual(edits, []);
    assert.match(left[0]?.message ?? "", /has a DOCKER_HUB of another meaning/);
    const inStage = { "t.yml": templateOf(["docker build ."]), Dockerfile: "FROM httpd\nARG DOCKER_HUB=x\n" };
    assert.match(mend(repositoryOf(t, inStage)).after.Dockerfile ?? "", /^ARG DOCKER_HUB=docker\.io\nFROM /);
  });

  test("a default that several images are made of in different ways is left", (t) => {
    for (const second of ["docker.io/library/$BASE:3.12", "foo/$BASE"]) {
      const files = {
        "t.yml": templateOf(["docker build ."]),
        Dockerfile: `ARG BASE=python\nFROM $BASE:3\nFROM ${second}\nCOPY --from=0 / /\n`,
      };
      const { after, left } = mend(repositoryOf(t, files));
      assert.deepEqual(after, {}, second);
      assert.ok(left.length > 0);
    }
    const files = { "t.yml": templateOf(["docker build ."]), Dockerfile: "ARG BASE=python\nFROM $BASE:3\n" };
    assert.match(
      mend(repositoryOf(t, files)).after.Dockerfile ?? "",
      /^ARG DOCKER_HUB=docker\.io\nARG BASE=\$\{DOCKER_HUB\}\/library\/python\n/,
    );
  });

  test("uses the rule that a template of the directory has, and makes one for several projects", (t) => {
    const one = templateOf(["docker pull httpd:2.4"]);
    const second = one.slice(one.indexOf("  Build:")).replace("  Build:", "  Second:");
    const both = mend(repositoryOf(t, { "t.yml": one + second })).after["t.yml"] ?? "";
    assert.equal(both.match(/AWS::ECR::PullThroughCacheRule/g)?.length, 1);
    assert.equal(both.match(/- Name: DOCKER_HUB$/gm)?.length, 2);
    assert.deepEqual(hubPulls(repositoryOf(t, { "t.yml": both })), []);
    const rule =
      "Resources:\n  Rule:\n    Type: AWS::ECR::PullThroughCacheRule\n    Properties:\n      EcrRepositoryPrefix: hub\n      UpstreamRegistryUrl: registry-1.docker.io\n";
    const { after } = mend(repositoryOf(t, { "account.yml": rule, "t.yml": one }));
    assert.equal(after["account.yml"], undefined);
    assert.doesNotMatch(after["t.yml"] ?? "", /PullThroughCacheRule|SecretsManager/);
    assert.match(after["t.yml"] ?? "", /repository\/hub\/\*$/m);
  });

  test("the next project's template makes the rule where the one that was to is left", (t) => {
    // The variable's name as a shell sets it, so that the pull is not through the cache.
    const spoilt = templateOf(["export DOCKER_HUB=docker.io", "docker pull httpd:2.4"]);
    const files = { "a.yml": spoilt, "b.yml": templateOf(["docker pull redis:7"]) };
    const { after, left } = mend(repositoryOf(t, files));
    assert.deepEqual(Object.keys(after), ["b.yml"]);
    assert.match(after["b.yml"] ?? "", /AWS::ECR::PullThroughCacheRule/);
    assert.match(left[0]?.message ?? "", /^Build: its pulls would not all go through the cache/);
  });

  test("names a secret that is there already by its ARN", (t) => {
    const secretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-a1b2c3";
    const repository = repositoryOf(t, { "t.yml": templateOf(["docker pull httpd"]) });
    const { after } = mend(repository, (one) => pullThroughCache(one, { secretArn }));
    assert.match(after["t.yml"] ?? "", new RegExp(`CredentialArn: ${secretArn}$`, "m"));
    assert.doesNotMatch(after["t.yml"] ?? "", /NoEcho|AWS::SecretsManager/);
  });

  test("a buildspec without a template, and another service's job, are left with the lines to write", (t) => {
    const workflow =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker pull redis:7\n";
    const files = { "buildspec.yml": buildspecOf("docker pull httpd"), ".github/workflows/a.yml": workflow };
    const { after, left } = mend(repositoryOf(t, files));
    assert.deepEqual(after, {});
    assert.deepEqual(left.map(({ file }) => file.path).sort(), [".github/workflows/a.yml", "buildspec.yml"]);
    for (const { snippet } of left) assert.match(snippet ?? "", /docker-hub/);
    const lines = left.find(({ file }) => file.path === "buildspec.yml")?.snippet ?? "";
    assert.match(lines, /^DockerHubCache:\n {2}Type: AWS::ECR::PullThroughCacheRule\n {2}Properties:$/m);
    assert.match(lines, /^- Effect: Allow\n {2}Action:\n {4}- ecr:BatchImportUpstreamImage$/m);
  });

  test("CDK code is told the lines of CDK", (t) => {
    const code =
      'import * as ecs from "aws-cdk-lib/aws-ecs";\nconst image = ecs.ContainerImage.fromRegistry("nginx:1");\n';
    const { left } = mend(repositoryOf(t, { "lib/stack.ts": code }));
    assert.match(left[0]?.snippet ?? "", /^new ecr\.CfnPullThroughCacheRule\(/);
  });
});
