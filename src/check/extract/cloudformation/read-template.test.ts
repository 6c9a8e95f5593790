// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkReaderContract } from "../../../../test/contracts/file-reader-contract.ts";
import type { CodeBuildJob } from "../../build-job.ts";
import type { Extraction } from "../../extraction.ts";
import { cloudFormationReader } from "./read-template.ts";

function read(text: string, path = "template.yml"): Extraction {
  assert.ok(cloudFormationReader.isFor({ path, text }), "no template");
  checkReaderContract(cloudFormationReader, { path, text });
  return cloudFormationReader.read({ path, text });
}

function task(image: string, rest = ""): string {
  return `${rest}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: ${image}
`;
}

function projectOf(properties: string, rest = ""): { extraction: Extraction; codeBuild: CodeBuildJob } {
  const extraction = read(`Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
${properties.replace(/^/gm, "      ")}
${rest}`);
  const codeBuild = extraction.jobs[0]?.codeBuild;
  assert.ok(codeBuild);
  return { extraction, codeBuild };
}

/** The edits as the text that they hold and the line that it stands in. */
function places(text: string, { images }: Extraction): string[] {
  return images.map(({ edit, reference }) => {
    const line = edit && text.slice(0, edit.range.start).split("\n").length;
    return `${reference ?? "-"} ${edit ? `${edit.text}@${line}` : ""}`.trim();
  });
}

describe("the image of a property", () => {
  for (const [how, image, expected, rest] of [
    ["plain", "nginx:1", ["nginx:1 nginx:1@8"]],
    ["in quotes", "'nginx:1'", ["nginx:1 nginx:1@8"]],
    ["by a Sub without variables", "!Sub nginx:1", ["nginx:1 nginx:1@8"]],
    [
      "by a parameter's default",
      "!Ref Image",
      ["nginx:1 nginx:1@1"],
      "Parameters: {Image: {Type: String, Default: 'nginx:1'}}",
    ],
    ["by a parameter without default", "!Ref Image", ["-"], "Parameters: {Image: {Type: String}}"],
    [
      "by an SSM parameter",
      "!Ref I",
      ["-"],
      "Parameters: {I: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /image}}",
    ],
    [
      "with the tag of a parameter",
      "!Sub 'nginx:${Tag}'",
      ["nginx:1 nginx@8"],
      "Parameters: {Tag: {Type: String, Default: '1'}}",
    ],
    ["with a tag that the stack decides", "!Sub 'nginx:${Tag}'", ["- nginx@8"], "Parameters: {Tag: {Type: String}}"],
    ["of the account", "!Sub '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:1'", ["-"]],
    ["with a literal of Sub", "!Sub 'nginx:${!x}'", ["nginx:${x} nginx@8"]],
    ["by a Join", "!Join [':', [nginx, '1']]", ["nginx:1 nginx@8"]],
    [
      "by a Join of parameters",
      "!Join ['', [!Ref R, ':', '1']]",
      ["nginx:1 nginx@1"],
      "Parameters: {R: {Type: String, Default: nginx}}",
    ],
    ["by a condition", "!If [Prod, 'nginx:1', !Ref AWS::NoValue]", ["nginx:1 nginx:1@8"]],
    ["of both branches", "!If [Prod, 'nginx:1', 'nginx:2']", ["nginx:1 nginx:1@8", "nginx:2 nginx:2@8"]],
    [
      "of a mapping",
      "!FindInMap [M, a, b]",
      ["nginx:1 nginx:1@1"],
      "Mappings: {M: {a: {b: 'nginx:1', c: 'nginx:3'}, z: {b: 'nginx:2'}}}",
    ],
    [
      "of a mapping by Region",
      "!FindInMap [M, !Ref AWS::Region, b]",
      ["nginx:1 nginx:1@1", "nginx:2 nginx:2@1"],
      "Mappings: {M: {a: {b: 'nginx:1'}, z: {b: 'nginx:2'}}}",
    ],
    ["by a dynamic reference", "'{{resolve:ssm:/image}}'", ["-"]],
    ["of another stack", "!ImportValue Image", ["-"]],
    ["that a deployment fills in", "<IMAGE1_NAME>", []],
  ] as const) {
    test(how, () => {
      const text = task(image, rest);
      assert.deepEqual(places(text, read(text)), expected);
    });
  }

  test("in JSON with tabs, by long functions", () => {
    const text = `{\n\t"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
\t{"Image": {"Fn::If": ["A", "nginx:1", {"Fn::Join": ["", ["redis", ":7"]]}]}}]}}}}`;
    assert.deepEqual(places(text, read(text, "t.template")), ["nginx:1 nginx:1@3", "redis:7 redis@3"]);
  });
});

test("images of all kinds of services are found, with their credentials", () => {
  const { images, jobs } = read(`Transform: AWS::Serverless-2016-10-31
Resources:
  Blank: {Type: Custom::Unknown, Properties: {Image: none}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RuntimePlatform: {CpuArchitecture: ARM64}
      ContainerDefinitions:
        - !If [X, {Image: 'a:1', RepositoryCredentials: {CredentialsParameter: !Ref S}}, !Ref AWS::NoValue]
        - {Image: 'b:1'}
  Job: {Type: AWS::Batch::JobDefinition, Properties: {ContainerProperties: {Image: 'c:1'}}}
  Function: {Type: AWS::Lambda::Function, Properties: {Code: {ImageUri: 'd:1'}}}
  Sam:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
    Metadata: {Dockerfile: Dockerfile.x, DockerContext: ./app}
  Runner: {Type: AWS::AppRunner::Service, Properties: {SourceConfiguration: {ImageRepository: {ImageIdentifier: 'e:1'}}}}
  Sail: {Type: AWS::Lightsail::Container, Properties: {ContainerServiceDeployment: {Containers: [{Image: 'f:1'}]}}}
  Fn::ForEach::Tasks: [N, [x], {"Task\${N}": {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Image: 'g:1'}]}}}]
`);
  assert.deepEqual(
    images.map(({ reference, hasCredentials = false }) => `${reference}${hasCredentials ? " with credentials" : ""}`),
    ["a:1 with credentials", "b:1", "c:1", "d:1", "e:1", "f:1", "g:1"],
  );
  assert.equal(images[0]?.platform, "linux/arm64");
  const [step] = jobs[0]?.steps ?? [];
  assert.ok(step?.kind === "build");
  assert.equal(step.dockerfile, "./app/Dockerfile.x");
});

describe("a CodeBuild project", () => {
  test("says its image, its credentials and its network", () => {
    const { extraction, codeBuild } = projectOf(`VpcConfig: {VpcId: vpc-1}
Environment:
  Type: ARM_CONTAINER
  Image: node:20
  ImagePullCredentialsType: SERVICE_ROLE
  PrivilegedMode: "true"
  RegistryCredential: {Credential: !Ref Secret, CredentialProvider: SECRETS_MANAGER}
Source: {Type: GITHUB, BuildSpec: ci/build.yml}`);
    const [image] = extraction.images;
    assert.deepEqual([image?.kind, image?.reference, image?.platform], ["runner", "node:20", "linux/arm64"]);
    assert.equal(extraction.jobs[0]?.runnerImages[0]?.hasCredentials, true);
    assert.deepEqual(
      [codeBuild.privileged, codeBuild.hasVpc, codeBuild.imagePullCredentialsType],
      [true, true, "SERVICE_ROLE"],
    );
    assert.equal(codeBuild.buildspecPath, "ci/build.yml");
  });

  test("takes secrets by variables of its own and of its buildspec", () => {
    const { codeBuild } = projectOf(`Environment:
  Image: aws/codebuild/standard:7.0
  EnvironmentVariables:
    - {Name: USER, Type: SECRETS_MANAGER, Value: !Sub "\${Secret}:username"}
    - {Name: PASSWORD, Value: "{{resolve:secretsmanager:hub:SecretString:password}}"}
    - {Name: SECRET_ARN, Value: !Ref Secret}
    - {Name: NAME, Type: PARAMETER_STORE, Value: /name}
Source:
  BuildSpec: |
    version: 0.2
    env: {secrets-manager: {TOKEN: "\${SECRET_ARN}:token"}}
    phases: {build: {commands: [docker login -u x -p $TOKEN, docker pull nginx:1]}}`);
    const secret = `\${${"Secret"}}`;
    assert.deepEqual(
      codeBuild.secrets.map(({ variable, reference }) => [variable, reference]),
      [
        ["USER", `${secret}:username`],
        ["PASSWORD", "{{resolve:secretsmanager:hub:SecretString:password}}"],
        ["TOKEN", `${secret}:token`],
      ],
    );
    assert.deepEqual(codeBuild.variables, { SECRET_ARN: secret });
  });

  for (const [how, buildspec] of Object.entries({
    "a block": "|\n    version: 0.2\n    phases: {build: {commands: [docker pull nginx:1]}}",
    "a Sub": "!Sub |\n    version: 0.2\n    phases:\n      build:\n        commands:\n          - docker pull nginx:1",
    "a Sub with a parameter":
      "!Sub |\n    version: 0.2\n    phases:\n      build:\n        commands:\n          - docker pull ${Image}",
    "a Join": '!Join ["\\n", ["version: 0.2", "phases:", "  build:", "    commands:", "      - docker pull nginx:1"]]',
    JSON: '"{\\n  \\"version\\": \\"0.2\\",\\n  \\"phases\\": {\\"build\\": {\\"commands\\": [\\"docker pull nginx:1\\"]}}\\n}"',
  })) {
    test(`with its buildspec as ${how} pulls what that pulls`, () => {
      const { extraction, codeBuild } = projectOf(
        `Environment: {Image: "aws/codebuild/standard:7.0"}\nSource:\n  BuildSpec: ${buildspec}`,
        "Parameters: {Image: {Type: String, Default: 'nginx:1'}}",
      );
      assert.equal(codeBuild.hasInlineBuildspec, true);
      const [job] = extraction.jobs;
      assert.equal(job?.name, "Build");
      assert.deepEqual(
        job?.steps.map((step) => (step.kind === "pull" ? step.image.reference : step.kind)),
        ["nginx:1"],
      );
      assert.ok(job?.steps[0]?.kind === "pull" && job.steps[0].image.edit);
    });
  }

  test("has the places that an edit needs", () => {
    const text = `Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt Role.Arn
      Environment:
        Image: aws/codebuild/standard:7.0
        EnvironmentVariables:
        - Name: A
          Value: B
      Source:
        BuildSpec: !Sub |
          version: 0.2

  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: '*'}
`;
    const { places: found, role } = read(text).jobs[0]?.codeBuild ?? {};
    const cut = (range?: { start: number; end: number }) => range && text.slice(range.start, range.end);
    assert.equal(cut(found?.environmentVariables?.range), "- Name: A\n          Value: B");
    assert.equal(found?.environmentVariables?.column, 8);
    assert.match(cut(found?.environment?.range) ?? "", /^Image: [\s\S]*Value: B$/);
    assert.equal(cut(found?.inlineBuildspec), "!Sub |\n          version: 0.2");
    assert.equal(cut(found?.serviceRole), "!GetAtt Role.Arn");
    assert.equal(cut(role?.places?.statements?.range), "- {Effect: Allow, Action: 's3:*', Resource: '*'}");
    assert.equal(role?.places?.statements?.column, 14);
    assert.match(cut(role?.places?.policies?.range) ?? "", /^- PolicyDocument:/);
  });
});

describe("a project's role", () => {
  function roleOf(role: string, rest = "", reference = "!GetAtt Role.Arn") {
    const { codeBuild } = projectOf(
      `ServiceRole: ${reference}\nEnvironment: {Image: x}`,
      `  Role:\n    Type: AWS::IAM::Role\n    Properties: ${role}\n${rest}`,
    );
    return codeBuild.role;
  }
  const statement = "{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: !Ref Secret}";

  test("has its own policies and those that are attached to it", () => {
    const role = roleOf(
      `{Policies: [{PolicyDocument: {Statement: [${statement}]}}], ManagedPolicyArns: [!Ref Managed]}`,
      `  Attached: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: ${statement}}}}
  Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [${statement}]}}}
  Other: {Type: AWS::IAM::Policy, Properties: {Roles: [x], PolicyDocument: {Statement: ${statement}}}}`,
    );
    assert.deepEqual(
      role?.statements.map(({ resources }) => resources),
      Array.from({ length: 3 }, () => [`\${${"Secret"}}`]),
    );
    assert.equal(role?.hasUnknownPolicies, false);
  });

  for (const [how, properties, isUnknown] of [
    ["a policy of ECR", "{ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser']}", false],
    ["another policy of AWS", "{ManagedPolicyArns: ['arn:aws:iam::aws:policy/IAMFullAccess']}", true],
    ["a policy that the stack is given", "{ManagedPolicyArns: [!Ref Given]}", true],
    ["a boundary", "{PermissionsBoundary: !Ref Given}", true],
    [
      "NotAction",
      "{Policies: [{PolicyDocument: {Statement: [{Effect: Allow, NotAction: 'x:*', Resource: '*'}]}}]}",
      true,
    ],
  ] as const) {
    test(`with ${how} is ${isUnknown ? "not " : ""}known`, () => {
      assert.equal(roleOf(properties)?.hasUnknownPolicies, isUnknown);
    });
  }

  test("with AWS's policy for secrets may read all", () => {
    const role = roleOf("{ManagedPolicyArns: ['arn:aws:iam::aws:policy/SecretsManagerReadWrite']}");
    assert.deepEqual(role?.statements[0]?.actions, ["secretsmanager:*"]);
  });

  test("is found by Ref, by a Sub of its ARN and by its name", () => {
    for (const reference of [
      "!Ref Role",
      "!Sub 'arn:aws:iam::${AWS::AccountId}:role/ci/${Role}'",
      "!Sub 'arn:aws:iam::${AWS::AccountId}:role/ci'",
    ]) {
      assert.equal(roleOf("{RoleName: ci}", "", reference)?.logicalId, "Role", reference);
    }
    assert.equal(roleOf("{}", "", "!ImportValue Role"), undefined);
  });

  test("says which of its statements may not hold", () => {
    const role = roleOf(
      "{Policies: [{PolicyDocument: {Statement: [!If [A, {Effect: Allow, Action: '*', Resource: '*'}, !Ref AWS::NoValue], {Effect: Deny, Action: '*', Resource: '*', Condition: {Bool: {x: true}}}]}}]}",
    );
    assert.deepEqual(
      role?.statements.map(({ isConditional }) => isConditional),
      [true, true],
    );
  });
});

test("secrets and pull-through caches are told", () => {
  const { secrets, pullThroughCaches } = read(`Resources:
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: hub}}
  Cache:
    Type: AWS::ECR::PullThroughCacheRule
    Properties: {EcrRepositoryPrefix: docker-hub, UpstreamRegistryUrl: registry-1.docker.io, CredentialArn: !Ref Secret}
  Quay: {Type: AWS::ECR::PullThroughCacheRule, Properties: {EcrRepositoryPrefix: quay, UpstreamRegistryUrl: quay.io}}
`);
  assert.deepEqual(
    secrets?.map(({ logicalId, name }) => [logicalId, name]),
    [["Secret", "hub"]],
  );
  assert.deepEqual(
    pullThroughCaches?.map(({ prefix, isDockerHub }) => [prefix, isDockerHub]),
    [
      ["docker-hub", true],
      ["quay", false],
    ],
  );
});

describe("bad input", () => {
  test("that is no YAML is a note with its place", () => {
    const text = "AWSTemplateFormatVersion: x\nResources:\n  A: [Image: x\n";
    const { images, notes } = cloudFormationReader.read({ path: "t.yml", text });
    assert.deepEqual(images, []);
    assert.match(notes[0]?.message ?? "", /^not well-formed YAML/);
  });

  for (const [what, text] of Object.entries({
    "an alias that leads to itself": task("&a [*a]"),
    "functions without arguments": task("!Sub") + task("!If").replace("Resources:\n", ""),
    "a list for resources": "AWSTemplateFormatVersion: x\nResources: [{Image: a}]\n",
    "a property that is a text": "Resources:\n  T:\n    Type: AWS::CodeBuild::Project\n    Properties: Image\n",
    "a function of functions": task(`${"{'Fn::If': [A, ".repeat(200)}'nginx:1'${", x]}".repeat(200)}`),
    "a product of branches": task(`!Join ['', [${"!If [A, a, b], ".repeat(60)}]]`),
  })) {
    test(`${what} is passed over`, () => {
      cloudFormationReader.read({ path: "t.yml", text });
    });
  }

  test("that is no template is left alone", () => {
    for (const path of ["a.yml", "a.txt"]) {
      assert.equal(cloudFormationReader.isFor({ path, text: "Resources:\n  - Type: x\n" }), false);
    }
    assert.equal(cloudFormationReader.isFor({ path: "a.md", text: task("x") }), false);
    const pipeline = task("x").replace(/^/gm, "    ");
    assert.equal(cloudFormationReader.isFor({ path: "ci.yml", text: `run: |\n${pipeline}` }), false);
  });
});
