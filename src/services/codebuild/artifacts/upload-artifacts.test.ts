import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";

const make =
  "mkdir -p dist-1/js dist-1/css other && touch dist-1/index.html dist-1/js/a.js dist-1/js/a.js.map dist-1/css/a.css other/x .hidden '[id].html'";

const blocks: { title: string; artifacts: object; names: string[] }[] = [
  { title: "a literal path", artifacts: { files: ["other/x", "./a.txt"] }, names: ["a.txt", "other/x"] },
  { title: "* in one directory", artifacts: { files: ["dist-1/*"] }, names: ["dist-1/index.html"] },
  {
    title: "** in all directories, hidden files too",
    artifacts: { files: "**/*", "exclude-paths": ["dist-1/**/*"] },
    names: [".hidden", "[id].html", "a.txt", "other/x"],
  },
  {
    title: "a base directory that is taken off",
    artifacts: { files: ["**/*"], "base-directory": "dist-1/js" },
    names: ["a.js", "a.js.map"],
  },
  {
    title: "a base directory that is a pattern",
    artifacts: { files: ["**/*"], "base-directory": "dist-*" },
    names: ["css/a.css", "index.html", "js/a.js", "js/a.js.map"],
  },
  {
    title: "exclude-paths below the base directory",
    artifacts: { files: ["**/*"], "base-directory": "dist-1", "exclude-paths": ["**/*.map", "css/*"] },
    names: ["index.html", "js/a.js"],
  },
  {
    title: "discard-paths",
    artifacts: { files: ["dist-1/**/*"], "discard-paths": "yes" },
    names: ["a.css", "a.js", "a.js.map", "index.html"],
  },
  { title: "a name that looks like a pattern", artifacts: { files: ["[id].html"] }, names: ["[id].html"] },
  {
    title: "variables of the build, also of its commands",
    artifacts: { files: ["$NAME"], "base-directory": "$CODEBUILD_SRC_DIR/dist-1" },
    names: ["index.html"],
  },
];

for (const { title, artifacts, names } of blocks) {
  test(`artifacts: ${title}`, async (t) => {
    const { artifact, log } = await runTestBuild(t, buildspecOf({ build: [make, "NAME=index.html"] }, { artifacts }));
    assert.deepEqual(artifact, names, log);
  });
}

test("paths are meant from the source directory, wherever the commands went", async (t) => {
  const phases = { build: ["mkdir -p sub && cd sub && touch here"] };
  const { artifact } = await runTestBuild(t, buildspecOf(phases, { artifacts: { files: ["sub/here"] } }));
  assert.deepEqual(artifact, ["sub/here"]);
});

test("artifacts never leave the source directory, whether by link or by pattern", async (t) => {
  const artifacts = { files: ["link", "linked/*", "../../../home/*", "/etc/passwd", "real"] };
  const phases = { build: ["ln -s /etc/passwd link; ln -s /etc linked; echo x > real"] };
  const { artifact, log } = await runTestBuild(t, buildspecOf(phases, { artifacts }));
  assert.deepEqual(artifact, ["real"], log);
  assert.match(log, /Skipping link: it leads out of the source directory/);
});

test("an artifact that matches nothing fails UPLOAD_ARTIFACTS with CLIENT_ERROR", async (t) => {
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({ build: ["true"] }, { artifacts: { files: ["none.json"] } }),
  );
  assert.equal(statusesOf(build).UPLOAD_ARTIFACTS, "FAILED");
  assert.match(log, /Skipping invalid file path none\.json/);
  assert.equal(failureOf(build), "UPLOAD_ARTIFACTS CLIENT_ERROR: no matching artifact paths found");
});

const inS3: { title: string; artifacts: object; keys: string[]; location: RegExp }[] = [
  {
    title: "a folder named as the project",
    artifacts: {},
    keys: ["out/p1/a.txt", "out/p1/b.txt"],
    location: /^arn:aws:s3:::out\/p1$/,
  },
  {
    title: "a zip under path, build ID and name",
    artifacts: { packaging: "ZIP", path: "/some/path/", namespaceType: "BUILD_ID", name: "app.zip" },
    keys: ["out/some/path/UUID/app.zip"],
    location: /^arn:aws:s3:::out\/some\/path\/[0-9a-f-]{36}\/app\.zip$/,
  },
  {
    title: "the buildspec's name, evaluated by the shell",
    artifacts: { packaging: "ZIP", name: "app.zip", overrideArtifactName: true },
    keys: ["out/app-1-two words"],
    location: /^arn:aws:s3:::out\/app-1-two words$/,
  },
  { title: "the top of the bucket", artifacts: { name: "/" }, keys: ["out/a.txt", "out/b.txt"], location: /:::out$/ },
];

for (const { title, artifacts, keys, location } of inS3) {
  test(`artifacts in S3: ${title}`, async (t) => {
    const block = { files: ["*.txt"], name: 'app-$CODEBUILD_BUILD_NUMBER-$(echo "two words")' };
    const buildspec = buildspecOf({ build: ["touch b.txt"] }, { artifacts: block });
    const { build, opened } = await runTestBuild(t, "", {
      project: {
        source: { type: "CODEPIPELINE", buildspec },
        artifacts: { type: "S3", location: "out", ...artifacts },
      },
    });
    assert.equal(build.status, "SUCCEEDED", opened.log);
    const uuid = /[0-9a-f]{8}-[0-9a-f-]{27}/;
    assert.deepEqual(
      [...opened.objects.keys()].map((key) => key.replace(uuid, "UUID")),
      keys,
    );
    assert.match(build.artifactResults[0]?.location ?? "", location);
  });
}

test("the same files make the same archive", async (t) => {
  const archives: Buffer[] = [];
  for (let run = 0; run < 2; run++) {
    const { opened } = await runTestBuild(t, "", {
      project: {
        source: {
          type: "CODEPIPELINE",
          buildspec: buildspecOf({ build: ["true"] }, { artifacts: { files: ["a.txt"] } }),
        },
        artifacts: { type: "CODEPIPELINE", location: "store/p/out.zip" },
      },
    });
    archives.push(opened.objects.get("store/p/out.zip") ?? Buffer.alloc(0));
  }
  assert.ok((archives[0]?.length ?? 0) > 0);
  assert.deepEqual(archives[0], archives[1]);
});
