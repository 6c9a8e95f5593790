import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, type TestAccount } from "../../../../test/builds/run-test-build.ts";
import { openHostEnvironment } from "../environment/host-environment.ts";
import { askForVersions, describeDifferences } from "./installed-runtimes.ts";

/** In the shape of the files that AWS's images hold. */
const runtimesFile = `version: 0.1
runtimes:
  android:
    versions:
      28: { requires: { java: [corretto8] }, commands: ["echo android 28"] }
      29: { requires: { java: [corretto8] }, commands: ["echo android 29"] }
  java:
    versions:
      corretto8: { commands: ["echo java 8", "export JAVA_HOME=/opt/java8"] }
      corretto11: { commands: ["echo java 11"] }
  nodejs:
    versions:
      8: { commands: ["echo node 8"] }
      18: { commands: ["echo node 18"] }
      20: { commands: ["n $NODE_20_VERSION"] }
  golang:
    versions:
      1.2: { commands: [] }
      1.20: { commands: ["echo go 1.20"] }
`;

/** Runs a build whose image has a runtimes file, and gives the lines of its log from the variables to the directory. */
async function install(
  t: Parameters<typeof runTestBuild>[0],
  runtimeVersions: Record<string, string>,
  text: string | undefined = runtimesFile,
) {
  let account: TestAccount | undefined;
  const openEnvironment = async () => ({
    ...(await openHostEnvironment({
      temporaryDirectory: account?.temporaryDirectory ?? "",
      pathPrefix: [],
      variables: { NODE_20_VERSION: "20.11.0" },
      sourceNumber: 123456789,
    })),
    readImageFile: async (path: string) => (path === "/codebuild/image/config/runtimes.yml" ? text : undefined),
  });
  const phases = { install: { "runtime-versions": runtimeVersions, commands: ['echo "JAVA_HOME=$JAVA_HOME"'] } };
  const { build, log } = await runTestBuild(t, buildspecOf(phases, { env: { variables: { WISH: "18" } } }), {
    account: (opened) => {
      account = opened;
    },
    collaborators: { openEnvironment },
  });
  const lines = log.replaceAll(/^\[Container\] \S+ \S+ /gm, "").split("\n");
  const end = lines.findIndex((line) => /^(Moving to directory|Phase complete)/.test(line));
  return { build, log, lines: lines.slice(lines.indexOf("Processing environment variables") + 1, end) };
}

test("the image's own commands choose its runtimes, in DOWNLOAD_SOURCE, and what they set stays", async (t) => {
  const { build, lines, log } = await install(t, { java: "corretto8" });
  assert.equal(build.status, "SUCCEEDED", log);
  assert.deepEqual(lines, [
    "Selecting 'java' runtime version 'corretto8' based on manual selections...",
    ...["Running command echo java 8", "java 8", ""],
    ...["Running command export JAVA_HOME=/opt/java8", ""],
  ]);
  assert.match(log, /^JAVA_HOME=\/opt\/java8$/m);
});

const selections: { asked: Record<string, string>; lines: string[] }[] = [
  { asked: { nodejs: "latest" }, lines: ["Resolved 'nodejs' runtime alias 'latest' to '20'.", "'20'"] },
  { asked: { nodejs: "18.x" }, lines: ["Resolved 'nodejs' runtime alias '18.x' to '18'.", "'18'"] },
  { asked: { nodejs: "$WISH" }, lines: ["'18'"] },
  { asked: { golang: "1.20" }, lines: ["'1.20'"] },
];

for (const { asked, lines: expected } of selections) {
  test(`${JSON.stringify(asked)} selects version ${expected.at(-1)}`, async (t) => {
    const { lines } = await install(t, asked);
    const [name] = Object.keys(asked);
    const selecting = `Selecting '${name}' runtime version ${expected.at(-1)} based on manual selections...`;
    assert.deepEqual(lines.slice(0, expected.length), [...expected.slice(0, -1), selecting]);
  });
}

test("a runtime that another one needs is selected with it", async (t) => {
  const { lines, build } = await install(t, { android: "29" });
  assert.equal(build.status, "SUCCEEDED");
  assert.deepEqual(
    lines.filter((line) => /^(android|java) \d+$/.test(line)),
    ["android 29", "java 8"],
  );
});

const refusals: { title: string; asked: Record<string, string>; message: string; line?: string }[] = [
  {
    title: "a version that the image has not",
    asked: { java: "corretto8", nodejs: "10" },
    message: "Unknown runtime version named '10' of nodejs. This build image has the following versions: 8, 18, 20",
    line: "Selecting 'nodejs' runtime version '10' based on manual selections...",
  },
  {
    title: "a runtime that the image has not",
    asked: { docker: "20" },
    message:
      "Unknown runtime named 'docker'. This build image has the following runtimes: android, golang, java, nodejs",
    line: "Selecting 'docker' runtime version '20' based on manual selections...",
  },
  {
    title: "two runtimes that do not go together",
    asked: { android: "29", java: "corretto11" },
    message: "Runtime 'android' version '29' requires runtime 'java' in one of the following versions: corretto8",
    line: "Runtime 'android' version '29' has a dependency on runtime 'java', but 'java' version 'corretto11' has already been manually selected. Not attempting to override.",
  },
];

for (const { title, asked, message, line } of refusals) {
  test(`${title}: the build fails with YAML_FILE_ERROR after the lines of its selection`, async (t) => {
    const { build, lines } = await install(t, asked);
    assert.equal(failureOf(build), `DOWNLOAD_SOURCE YAML_FILE_ERROR: ${message}`);
    assert.equal(lines.at(-1), line);
  });
}

test("a command of a runtime that fails ends DOWNLOAD_SOURCE", async (t) => {
  const { build } = await install(t, { nodejs: "20" });
  const message = "Error while executing command: n $NODE_20_VERSION. Reason: exit status 127";
  assert.equal(failureOf(build), `DOWNLOAD_SOURCE COMMAND_EXECUTION_ERROR: ${message}`);
});

test("a runtimes file that is no YAML is the image's fault, and the build's end", async (t) => {
  const { build } = await install(t, { nodejs: "20" }, "runtimes: [");
  assert.match(failureOf(build), /^DOWNLOAD_SOURCE YAML_FILE_ERROR: \/codebuild\/image\/config\/runtimes\.yml: /);
});

test("an image without a runtimes file has what it has, and the log compares it with what was asked for", async (t) => {
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({ install: { "runtime-versions": { python: "9.9", cobol: "85" }, commands: ["true"] } }),
  );
  assert.equal(build.status, "SUCCEEDED");
  assert.match(log, /Skipping install of runtimes\. Runtime version selection is not supported by this build image\n/);
  assert.match(log, /Warning: python 9\.9 was asked for(; what is here is 3\.|, and there is none here)/);
  assert.match(log, /Warning: cobol 85 was asked for, which is no runtime that is known here/);
});

test("what is installed is compared by the numbers that were asked for", () => {
  const answer = 'nodejs: v18.20.1\njava: openjdk version "1.8.0_402"\npython: sh: 1: python3: not found\nruby: \n';
  assert.deepEqual(describeDifferences({ nodejs: "18", java: "corretto8" }, answer), []);
  assert.deepEqual(describeDifferences({ nodejs: "18.x" }, answer), []);
  assert.deepEqual(describeDifferences({ nodejs: "latest" }, answer), []);
  assert.deepEqual(describeDifferences({ nodejs: "1", java: "11", python: "3.11", ruby: "3.2" }, answer), [
    "Warning: nodejs 1 was asked for; what is here is 18.20.1",
    "Warning: java 11 was asked for; what is here is 1.8.0",
    "Warning: python 3.11 was asked for, and there is none here; nothing is installed",
    "Warning: ruby 3.2 was asked for, and there is none here; nothing is installed",
  ]);
  assert.doesNotMatch(askForVersions(["$(touch /tmp/x)", "nodejs"]), /touch/);
});

test("the early standard images refuse a build that selects no runtime", async (t) => {
  const environment = { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", privilegedMode: false };
  const build = async (image: string) =>
    (
      await runTestBuild(t, buildspecOf({ build: ["true"] }), {
        project: { environment: { ...environment, image, environmentVariables: [] } },
      })
    ).build;
  const message = "This build image requires selecting at least one runtime version.";
  assert.equal(failureOf(await build("aws/codebuild/standard:2.0")), `DOWNLOAD_SOURCE YAML_FILE_ERROR: ${message}`);
  assert.equal((await build("aws/codebuild/standard:7.0")).status, "SUCCEEDED");
});
