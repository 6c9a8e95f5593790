// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import type { ImageUse } from "../image-use.ts";
import { ecsTaskDefinitionReader } from "./ecs-task-definition.ts";

function read(path: string, value: unknown): readonly ImageUse[] {
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, "\t");
  assert.ok(ecsTaskDefinitionReader.isFor({ path, text }), path);
  checkReaderContract(ecsTaskDefinitionReader, { path, text });
  return ecsTaskDefinitionReader.read({ path, text }).images;
}

test("a task definition's images are found, with platform and credentials", () => {
  const [first, second] = read("taskdef.json", {
    runtimePlatform: { cpuArchitecture: "ARM64" },
    containerDefinitions: [
      { name: "web", image: "nginx:1" },
      { name: "log", image: "a/log", repositoryCredentials: { credentialsParameter: "arn:x" } },
    ],
  });
  assert.deepEqual(
    [first?.reference, first?.platform, first?.kind, first?.hasCredentials],
    ["nginx:1", "linux/arm64", "deployment", undefined],
  );
  assert.deepEqual([second?.reference, second?.hasCredentials], ["a/log", true]);
});

test("what a deployment fills in is no pull, and what a tool fills in is not constant", () => {
  const images = read("taskdef.json", {
    containerDefinitions: [
      { image: "<IMAGE1_NAME>" },
      { image: "" },
      { image: "${IMAGE}" },
      { image: "<ACCOUNT>.dkr.ecr.us-east-1.amazonaws.com/app:1" },
      { image: "%IMAGE%" },
      { image: "{{image}}" },
      { name: "none" },
    ],
  });
  assert.deepEqual(
    images.map(({ written, reference, edit }) => [written, reference, edit]),
    ["${IMAGE}", "<ACCOUNT>.dkr.ecr.us-east-1.amazonaws.com/app:1", "%IMAGE%", "{{image}}"].map((written) => [
      written,
      undefined,
      undefined,
    ]),
  );
});

test("other shapes of the same are read", () => {
  const references = (path: string, value: unknown) => read(path, value).map(({ reference }) => reference);
  assert.deepEqual(references("service.json", [{ name: "a", image: "redis:7", essential: true }]), ["redis:7"]);
  assert.deepEqual(references("td.json", { taskDefinition: { containerDefinitions: [{ image: "redis:7" }] } }), [
    "redis:7",
  ]);
  assert.deepEqual(references("task.yml", "containerDefinitions:\n  - name: a\n    image: redis:7\n"), ["redis:7"]);
  assert.deepEqual(references("imagedefinitions.json", [{ name: "a", imageUri: "redis:7" }]), ["redis:7"]);
  assert.deepEqual(references("a/imageDetail.json", { ImageURI: "redis:7" }), ["redis:7"]);
});

test("Elastic Beanstalk's file names one image or several, and where their credentials are", () => {
  const [one] = read("Dockerrun.aws.json", {
    AWSEBDockerrunVersion: "1",
    Image: { Name: "janedoe/image" },
    Authentication: { Bucket: "b", Key: "k" },
  });
  assert.deepEqual([one?.reference, one?.hasCredentials], ["janedoe/image", true]);
  const several = read("Dockerrun.aws.json", {
    AWSEBDockerrunVersion: 2,
    containerDefinitions: [{ image: "redis:7" }, { image: { name: "nginx:1" } }],
  });
  assert.deepEqual(
    several.map(({ reference }) => reference),
    ["redis:7", "nginx:1"],
  );
});

test("other JSON is left alone, and broken JSON is a note", () => {
  const isFor = (path: string, text: string) => ecsTaskDefinitionReader.isFor({ path, text });
  assert.equal(isFor("package.json", '{"image": "x"}'), false);
  assert.equal(isFor("taskdef.md", "containerDefinitions"), false);
  assert.equal(isFor("ci.yml", "run: |\n  jq '.containerDefinitions[0].image = \"x\"' task.json\n"), false);
  const broken = ecsTaskDefinitionReader.read({ path: "taskdef.json", text: '{"containerDefinitions": [' });
  assert.deepEqual(broken.images, []);
  assert.equal(broken.notes.length, 1);
});
