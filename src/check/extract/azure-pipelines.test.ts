// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pipelines are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { azurePipelines } from "./azure-pipelines.ts";

const read = (text: string) => readChecked(azurePipelines, "azure-pipelines.yml", text);

test("an Azure job pulls its container and services by the name of a resource or by an image", () => {
  const { jobs } = read(`resources:
  containers:
    - {container: node, image: "node:$(tag)", endpoint: hub}
    - {container: db, image: "postgres:16"}
variables: {tag: 20}
pool: {vmImage: ubuntu-latest}
stages:
  - stage: s
    jobs:
      - job: named
        container: node
        services: {pg: db}
        steps: [{script: x}]
      - \${{ if eq(1, 1) }}:
          - job: direct
            container: {image: "\${{ parameters.image }}"}
            steps: [{script: x}]
      - deployment: deploy
        pool: mine
        strategy: {runOnce: {deploy: {steps: [{bash: docker pull d:1}]}}}
parameters: [{name: image, default: "ruby:3"}]
`);
  assert.deepEqual(jobs, {
    named: ["node:20 with login", "postgres:16"],
    direct: ["ruby:3"],
    deploy: ["self-hosted", "pull d:1"],
  });
});

test("an Azure job's scripts and tasks are read in their order", () => {
  const { jobs } = read(`variables:
  - {name: my.image, value: "redis:7"}
steps:
  - task: Docker@2
    inputs: {command: login, containerRegistry: DockerHub}
  - script: docker pull $(my.image) && docker pull $MY_IMAGE
    workingDirectory: $(Build.SourcesDirectory)
  - \${{ if true }}:
      - bash: cd $(Build.SourcesDirectory)/app && docker build .
  - task: Docker@2
    inputs: {command: buildAndPush, containerRegistry: acr, Dockerfile: "$(Build.SourcesDirectory)/x/Dockerfile"}
  - {task: Docker@2, inputs: {command: push}}
  - {task: DockerCompose@1, inputs: {action: up, dockerComposeFile: c.yml}}
  - {task: Bash@3, inputs: {script: docker pull e:1}}
`);
  assert.deepEqual(jobs.steps, [
    "login Docker Hub as ? by action",
    "pull redis:7",
    "pull redis:7",
    "docker build app",
    "login acr as ? by action",
    "action build x -f x/Dockerfile",
    "compose up c.yml",
    "pull e:1",
  ]);
});

test("an Azure Docker task gives build arguments, of which some are not constant", () => {
  const text = `variables: {TAG: "3"}
steps:
  - task: Docker@2
    inputs: {command: build, arguments: "--build-arg TAG=$(TAG) --build-arg BASE=$(System.Base) --pull"}
`;
  const [step] = azurePipelines.read({ path: "azure-pipelines.yml", text }).jobs[0]?.steps ?? [];
  assert.ok(step?.kind === "build");
  assert.deepEqual([step.buildArguments, step.unknownBuildArguments], [{ TAG: "3" }, ["BASE"]]);
});
