// `chubo build`: one build on a directory, with a template and without.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { writeOneProject } from "../one-project.ts";
import { failureOf, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";
import { openTerminalSession } from "../terminal-session.ts";
import { watchOneChange } from "./watched-build.ts";

const buildspec = `version: 0.2
env:
  variables:
    STAGE: of-the-buildspec
phases:
  install:
    commands:
      - echo installing
  build:
    commands:
      - echo "stage $STAGE" > out.txt
artifacts:
  files:
    - out.txt
`;

function directoryWith(t: TestContext, files: Record<string, string>): string {
  const directory = join(temporaryDirectory(t), "my app");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

test("a directory with a buildspec is built without a template, and leaves its artifact and its log", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const outcome = await runChubo(["build", "--env", "STAGE=a=b", "--json"], { directory });
  assert.equal(outcome.status, 0, outcome.stderr);
  const [build] = resultOf(outcome).builds;
  assert.equal(build?.project, "my-app");
  const [artifact] = build?.artifacts ?? [];
  assert.equal(readFileSync(join(artifact?.path ?? "", "out.txt"), "utf8"), "stage a=b\n");
  const [log = ""] = globSync(`${directory}/.chubo/logs/my-app-*.log`);
  assert.match(readFileSync(log, "utf8"), /Running command echo installing\ninstalling\n/);
  assert.equal(readFileSync(join(directory, ".chubo", ".gitignore"), "utf8"), "*\n");
});

test("a build that fails ends with status 1, the phase, the command and what it said", async (t) => {
  const failing = buildspec.replace("echo installing", "echo no luck; exit 3");
  const directory = directoryWith(t, { "buildspec.yml": failing });
  const outcome = await runChubo(["build", "--json"], { directory });
  assert.equal(outcome.status, 1, outcome.stderr);
  assert.match(failureOf(resultOf(outcome)) ?? "", /^INSTALL COMMAND_EXECUTION_ERROR: .*exit status 3$/);
  assert.match(outcome.stderr, /^· failed at buildspec\.yml:8$/m);
  assert.match(outcome.stderr, /✗ FAILED in INSTALL: echo no luck; exit 3 \(exit status 3\)\n {2}no luck/);
});

test("a reader who has gone neither ends the build nor changes its exit status", (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec.replace("echo installing", "sleep 0.2; touch ran") });
  const chubo = `'${process.execPath}' '${join(repository, "bin", "chubo.js")}'`;
  const command = `exec 3>&1; { ${chubo} build --phase install 2>&3; echo "status $?" >&3; } | :`;
  assert.equal(execFileSync("sh", ["-c", command], { cwd: directory, encoding: "utf8" }), "status 0\n");
});

test("another buildspec may lie in the source or elsewhere", async (t) => {
  const other = buildspec.replace("stage $STAGE", "other");
  const directory = directoryWith(t, { "ci/other.yml": other, "a.txt": "" });
  const elsewhere = join(temporaryDirectory(t), "elsewhere.yml");
  writeFileSync(elsewhere, other);
  for (const file of ["ci/other.yml", elsewhere]) {
    const outcome = await runChubo(["build", "--buildspec", file, "--json"], { directory });
    assert.equal(outcome.status, 0, outcome.stderr);
    const [artifact] = resultOf(outcome).builds[0]?.artifacts ?? [];
    assert.equal(readFileSync(join(artifact?.path ?? "", "out.txt"), "utf8"), "other\n");
  }
});

test("a template's project is built with its role, and --env comes before its variables", async (t) => {
  const directory = directoryWith(t, { "a.txt": "" });
  const template = writeOneProject(directory, { commands: ["echo stage=$STAGE", "test $STAGE = test"] });
  const outcome = await runChubo(["build", template, "--env", "STAGE=test", "--json"], { directory });
  assert.equal(outcome.status, 0, outcome.stderr);
  const { stacks, builds } = resultOf(outcome);
  assert.equal(stacks[0]?.status, "CREATE_COMPLETE");
  assert.equal(builds.length, 1);
});

test("--dry-run shows the commands and builds nothing; a faulty buildspec is told with its place", async (t) => {
  const directory = directoryWith(t, {
    "buildspec.yml": buildspec,
    "bad.yml": buildspec.replace("commands:", "steps:"),
  });
  const shown = await runChubo(["build", "--dry-run"], { directory });
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /^install\n {2}\$ echo installing$/m);
  assert.deepEqual(globSync(`${directory}/.chubo/logs/*`), []);
  const refused = await runChubo(["build", "--dry-run", "--buildspec", "bad.yml"], { directory });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /BUILDSPEC_INVALID[\s\S]*at bad\.yml:8:/);
});

test("--list names projects and buildspecs, --graph the order of a batch", async (t) => {
  const batch = `version: 0.2
batch:
  build-graph:
    - identifier: unit
    - identifier: image
      depend-on: [unit]
    - identifier: deploy
      depend-on: [unit, image]
phases: { build: { commands: ["true"] } }
`;
  const directory = directoryWith(t, { "ci/buildspec-batch.yml": batch, "buildspec.yml": buildspec });
  const template = writeOneProject(directory, { commands: ["true"] });
  const list = await runChubo(["build", template, "--list", "--json"], { directory });
  assert.equal(list.status, 0, list.stderr);
  const { projects, buildspecs } = JSON.parse(list.stdout);
  assert.deepEqual(buildspecs, ["buildspec.yml", "ci/buildspec-batch.yml"]);
  assert.equal(projects.length, 1);
  const graph = await runChubo(["build", "--graph", "--buildspec", "ci/buildspec-batch.yml"], { directory });
  assert.match(graph.stdout, /unit\n {4}└ image\n {6}└ deploy {2}\(waits for unit, image\)\n {4}└ deploy/);
});

test("--watch builds again after a change, and ends with the interruption", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const text = await watchOneChange(t, directory);
  assert.match(text, /^new\.txt changed$/m);
  assert.equal(text.match(/✓ SUCCEEDED/g)?.length, 2);
});

test("--phase ends the build after a phase", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const outcome = await runChubo(["build", "--phase", "install", "--json"], { directory });
  assert.equal(outcome.status, 0, outcome.stderr);
  const reached = resultOf(outcome).builds[0]?.phases.map(({ phaseType }) => phaseType);
  assert.ok(reached?.includes("INSTALL"));
  assert.ok(!reached?.includes("PRE_BUILD") && !reached?.includes("UPLOAD_ARTIFACTS"));
});

test("on a terminal a breakpoint and a failure open a shell at that very point, and phases are folded", async (t) => {
  const commands = ["X=of-the-build", "codebuild-breakpoint", "test -f gone.txt"].map(
    (command) => `      - ${command}\n`,
  );
  const directory = directoryWith(t, {
    "buildspec.yml": `version: 0.2\nphases:\n  build:\n    commands:\n${commands.join("")}`,
  });
  const session = openTerminalSession(t, ["build", "--shell-on-failure"], { directory });
  await session.waitFor("exit goes on");
  session.child.stdin?.write("echo here=$X; exit\n");
  await session.waitFor("here=of-the-build");
  await session.waitFor("exit ends the phase");
  session.child.stdin?.write("exit\n");
  await session.waitFor("the end");
  const shown = stripVTControlCharacters(session.shown());
  assert.match(shown, /\nstatus 1\r\n/);
  assert.match(shown, /✗ BUILD .*3 commands/);
  assert.match(shown, /failed at buildspec\.yml:7/);
  assert.match(shown, /whole log: .*\.log/);
});

for (const [title, words, code] of [
  ["an image beside a template", ["template.yml", "--image", "node:24"], "CONFIG_BUILD"],
  ["a shell without a terminal", ["--shell-on-failure"], "CONFIG_BUILD"],
  ["a project without a template", ["--project", "web"], "CONFIG_BUILD"],
  ["a variable without a value", ["--env", "STAGE"], "CONFIG_ENV"],
  ["a buildspec that is not there", ["--buildspec", "gone.yml"], "CONFIG_BUILDSPEC"],
] as const) {
  test(`${title} is refused with status 2`, async (t) => {
    const outcome = await runChubo(["build", ...words], {
      directory: directoryWith(t, { "buildspec.yml": buildspec }),
    });
    assert.equal(outcome.status, 2, outcome.stderr);
    assert.match(outcome.stderr, new RegExp(`\\[${code}\\]`));
  });
}
