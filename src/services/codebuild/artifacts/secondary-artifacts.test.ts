import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildspecOf,
  failureOf,
  openTestAccount,
  runTestBuild,
  testProject,
} from "../../../../test/builds/run-test-build.ts";
import { zipContents } from "../../../../test/builds/zip-contents.ts";
import { describeBuild } from "../build.ts";

const commands = ["mkdir one two; echo 1 > one/a; echo 2 > two/b; echo p > p"];
const secondary = {
  one: { files: ["**/*"], "base-directory": "one" },
  two: { files: ["two/*"], "discard-paths": "yes", name: "named-$(echo two)" },
};
const inS3 = (artifactIdentifier: string, rest: object = {}) => ({
  ...{ type: "S3", location: "out", artifactIdentifier, packaging: "ZIP", name: artifactIdentifier },
  ...rest,
});

test("secondary artifacts go where the project says, and the build tells of each", async (t) => {
  const buildspec = buildspecOf({ build: commands }, { artifacts: { files: ["p"], "secondary-artifacts": secondary } });
  const { build, opened } = await runTestBuild(t, "", {
    project: {
      source: { type: "CODEPIPELINE", buildspec },
      artifacts: { type: "S3", location: "out", name: "main" },
      settings: {
        secondaryArtifacts: [inS3("one"), inS3("two", { overrideArtifactName: true, encryptionDisabled: true })],
      } as never,
    },
  });
  assert.equal(build.status, "SUCCEEDED", opened.log);
  assert.deepEqual([...opened.objects.keys()], ["out/main/p", "out/one", "out/named-two"]);
  assert.deepEqual(Object.keys(await zipContents(opened.objects.get("out/named-two"))), ["b"]);
  const { artifacts, secondaryArtifacts = [] } = describeBuild(build);
  assert.deepEqual(artifacts, { location: "arn:aws:s3:::out/main" });
  const [one, two] = secondaryArtifacts;
  assert.equal(one?.artifactIdentifier, "one");
  assert.match(one?.sha256sum ?? "", /^[0-9a-f]{64}$/);
  assert.match(two?.md5sum ?? "", /^[0-9a-f]{32}$/);
  assert.deepEqual(
    [two?.location, two?.overrideArtifactName, two?.encryptionDisabled],
    ["arn:aws:s3:::out/named-two", true, true],
  );
});

test("the sums of an archive are those of the stored object", async (t) => {
  const { createHash } = await import("node:crypto");
  const buildspec = buildspecOf({ build: commands }, { artifacts: { files: ["**/*"] } });
  const { build, opened } = await runTestBuild(t, "", {
    project: {
      source: { type: "CODEPIPELINE", buildspec },
      artifacts: { type: "CODEPIPELINE", location: "store/x.zip" },
    },
  });
  const stored = opened.objects.get("store/x.zip") ?? Buffer.alloc(0);
  const [result] = build.artifactResults;
  assert.equal(result?.sha256sum, createHash("sha256").update(stored).digest("hex"));
  assert.equal(result?.md5sum, createHash("md5").update(stored).digest("hex"));
});

test("of a pipeline's several outputs each is the secondary artifact of its name", async (t) => {
  const opened = openTestAccount(t);
  const buildspec = buildspecOf(
    { build: ["mkdir one two; touch one/a two/b"] },
    { artifacts: { "secondary-artifacts": secondary } },
  );
  opened.codeBuild.store.projects.put("p1", testProject({ source: { type: "CODEPIPELINE", buildspec } }));
  const { zipOf } = await import("../../../../test/builds/run-test-build.ts");
  const { id } = opened.codeBuild.startPipelineBuild({
    projectName: "p1",
    source: { zip: await zipOf({ x: "x" }) },
    outputs: ["one", "two"].map((name) => ({ name, location: { bucket: "store", key: `p/${name}/1.zip` } })),
    resolvedSourceVersion: "r",
    initiator: "codepipeline/p",
  });
  const build = await opened.codeBuild.ended(id);
  assert.equal(build.status, "SUCCEEDED", opened.log);
  assert.deepEqual([...opened.objects.keys()], ["store/p/one/1.zip", "store/p/two/1.zip"]);
});

test("where nobody declared a pipeline's outputs, they are all that the buildspec has", async (t) => {
  const artifacts = { files: ["p"], "secondary-artifacts": secondary };
  const { archives, build } = await runTestBuild(t, buildspecOf({ build: commands }, { artifacts }), {
    input: { outputLocationOf: () => undefined },
  });
  assert.equal(build.status, "SUCCEEDED");
  assert.deepEqual([...archives.keys()].sort(), ["", ...Object.keys(secondary)].sort());
});

const refused: { title: string; artifacts: object; declared: string[]; failure: string }[] = [
  {
    title: "a primary artifact that the buildspec does not define",
    artifacts: { "secondary-artifacts": secondary },
    declared: [],
    failure: "UPLOAD_ARTIFACTS CLIENT_ERROR: no definition for primary artifacts in buildspec",
  },
  {
    title: "a secondary artifact that the buildspec does not define",
    artifacts: { files: ["p"], "secondary-artifacts": secondary },
    declared: ["three"],
    failure: "UPLOAD_ARTIFACTS CLIENT_ERROR: no definition for secondary artifacts three in buildspec",
  },
  {
    title: "a base directory that is not there",
    artifacts: { files: ["p"], "base-directory": "dist" },
    declared: [],
    failure: "UPLOAD_ARTIFACTS CLIENT_ERROR: no matching base directory path found for dist",
  },
];

for (const { title, artifacts, declared, failure } of refused) {
  test(`${title} fails UPLOAD_ARTIFACTS`, async (t) => {
    const { build, opened } = await runTestBuild(t, "", {
      project: {
        source: { type: "CODEPIPELINE", buildspec: buildspecOf({ build: commands }, { artifacts }) },
        artifacts: { type: "S3", location: "out" },
        settings: { secondaryArtifacts: declared.map((name) => inS3(name)) } as never,
      },
    });
    assert.equal(failureOf(build), failure, opened.log);
  });
}

test("a secondary artifact that the project does not know is told of, and not uploaded", async (t) => {
  const buildspec = buildspecOf({ build: commands }, { artifacts: { files: ["p"], "secondary-artifacts": secondary } });
  const { log, opened } = await runTestBuild(t, "", {
    project: {
      source: { type: "CODEPIPELINE", buildspec },
      artifacts: { type: "S3", location: "out", packaging: "ZIP" },
    },
  });
  assert.deepEqual([...opened.objects.keys()], ["out/p1"]);
  assert.match(log, /Warning: artifacts\.secondary-artifacts\.one is no artifact of the project/);
});

test("s3-prefix stands before the build's ID, where the project separates builds by it", async (t) => {
  const artifacts = { files: ["p"], "s3-prefix": "nightly/$CODEBUILD_BUILD_NUMBER" };
  for (const namespaceType of ["BUILD_ID", "NONE"]) {
    const { opened } = await runTestBuild(t, "", {
      project: {
        source: { type: "CODEPIPELINE", buildspec: buildspecOf({ build: commands }, { artifacts }) },
        artifacts: { type: "S3", location: "out", packaging: "ZIP", name: "app.zip", path: "own", namespaceType },
      },
    });
    const expected = namespaceType === "NONE" ? /^out\/own\/app\.zip$/ : /^out\/nightly\/1\/[0-9a-f-]{36}\/app\.zip$/;
    assert.match([...opened.objects.keys()].join(), expected);
  }
});
