import assert from "node:assert/strict";
import { test } from "node:test";
import { context as caller, openStackAccount } from "../../test/fixtures/stack-account.ts";
import { engineNeed, keepsLayers } from "./check-engine-for.ts";

const auto = { environment: "auto", project: undefined } as const;

/** The resources of a template with one CodeBuild project of this PrivilegedMode. */
async function plan(privilegedMode: string, parameters: Record<string, string> = {}, more = "") {
  const template = `
Parameters: {Mode: {Type: String, Default: "false"}}
Conditions: {IsOn: !Equals [!Ref Mode, "true"]}
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    ${more.startsWith("Condition") ? more : ""}
    Properties:
      ${more.startsWith("Cache") ? more : ""}
      Name: build
      ServiceRole: role
      Artifacts: {Type: NO_ARTIFACTS}
      Source: {Type: NO_SOURCE, BuildSpec: "PrivilegedMode: true"}
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
        ${privilegedMode === "" ? "" : `PrivilegedMode: ${privilegedMode}`}
`;
  const { cloudFormation } = openStackAccount();
  return cloudFormation.checkStacks([{ name: "one", template, file: "t.yml", parameters }], caller);
}

test("a privileged project needs an engine, however the template says so", async () => {
  for (const mode of [
    "true",
    '"true"',
    "!Ref Mode",
    "!If [IsOn, true, false]",
    "!If [IsOn, true, !Ref AWS::NoValue]",
  ]) {
    assert.equal(engineNeed(await plan(mode, { Mode: "true" }), auto), "any", mode);
  }
});

test("a project that is not privileged, or whose condition does not hold, needs none", async () => {
  for (const mode of ["", "false", "!Ref Mode", "!If [IsOn, true, false]"]) {
    assert.equal(engineNeed(await plan(mode), auto), "none", mode);
  }
  assert.equal(engineNeed(await plan("true", {}, "Condition: IsOn"), auto), "none");
});

test("any project needs an engine where builds run in containers, and one that will not run needs none", async () => {
  const planned = await plan("false");
  assert.equal(engineNeed(planned, { environment: "container", project: "build" }), "any");
  assert.equal(engineNeed(planned, { environment: "container", project: "other" }), "none");
  const privileged = await plan("true");
  assert.equal(engineNeed(privileged, { environment: "container", project: "build" }), "daemon");
  assert.equal(engineNeed(privileged, { environment: "host", project: "other" }), "none");
});

test("a project is known to keep layers by the modes of its cache", async () => {
  const cacheOf = async (modes: string) =>
    (await plan("true", {}, `Cache: {Type: LOCAL, Modes: ${modes}}`)).map(keepsLayers);
  assert.deepEqual(await cacheOf("[LOCAL_SOURCE_CACHE, LOCAL_DOCKER_LAYER_CACHE]"), [true]);
  assert.deepEqual(await cacheOf("[LOCAL_CUSTOM_CACHE]"), [false]);
  assert.deepEqual((await plan("true")).map(keepsLayers), [false]);
});
