// `chubo build --batch`: the builds of a buildspec's batch, for people and as one object.
import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import Ajv2020 from "ajv/dist/2020.js";
import { writeOneProject } from "../one-project.ts";
import { repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";
import { openTerminalSession } from "../terminal-session.ts";
import { watchOneChange } from "./watched-build.ts";

const buildspec = `version: 0.2
batch:
  build-graph:
    - identifier: lint
    - identifier: unit
    - identifier: flaky
      ignore-failure: true
    - identifier: deploy
      depend-on: [unit]
phases:
  build:
    commands:
      - echo "this is $CODEBUILD_BATCH_BUILD_IDENTIFIER" | tee out.txt
      - case $CODEBUILD_BATCH_BUILD_IDENTIFIER in ($BAD|flaky) echo no luck; exit 3 ;; esac
artifacts:
  files: [out.txt]
`;

function directoryWith(t: TestContext, files: Record<string, string>): string {
  const directory = join(temporaryDirectory(t), "app");
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

test("a batch's builds are told one by one, and the batch fails for the first that counts", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const outcome = await runChubo(["build", "--batch", "--env", "BAD=unit", "--json"], { directory });
  assert.equal(outcome.status, 1, outcome.stderr);
  const result = resultOf(outcome);
  const schema = JSON.parse(readFileSync(join(repository, "docs", "run-result.schema.json"), "utf8"));
  const validate = new Ajv2020.default().compile(schema);
  assert.ok(validate(result), JSON.stringify(validate.errors));
  const groups = result.batch?.groups.map(({ identifier, status }) => [identifier, status]);
  assert.deepEqual(groups, [
    ["lint", "SUCCEEDED"],
    ["unit", "FAILED"],
    ["flaky", "FAILED"],
    ["deploy", undefined],
  ]);
  assert.match(outcome.stderr, /^unit {3}\| this is unit$/m);
  assert.match(outcome.stderr, /^ {2}✗ unit {4}FAILED +\d\.\d s {2}BUILD: case .*\(exit status 3\)$/m);
  assert.match(outcome.stderr, /^ {2}! flaky .*, ignored$/m);
  assert.match(outcome.stderr, /^ {2}· deploy {2}not built +depends on unit$/m);
  assert.match(outcome.stderr, /✗ FAILED in unit, BUILD: case .* \(exit status 3\)\n {2}no luck\n/);
  const lint = result.builds.find(({ task }) => task === "lint");
  assert.equal(readFileSync(join(lint?.artifacts[0]?.path ?? "", "out.txt"), "utf8"), "this is lint\n");
  assert.match(lint?.artifacts[0]?.path ?? "", /\/app-[0-9a-f-]{36}\/lint$/);
  const [log = ""] = globSync(`${directory}/.chubo/logs/app-*/unit.log`);
  assert.match(readFileSync(log, "utf8"), /this is unit/);
});

test("without --batch the phases are run, as StartBuild does, and the batch is named", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const outcome = await runChubo(["build", "--env", "BAD=x", "--json"], { directory });
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, /^· the buildspec's batch is not heeded: .* chubo build --batch /m);
  assert.equal(resultOf(outcome).batch, undefined);
});

test("--dry-run and --graph show a batch's builds, and what is wrong with it with its place", async (t) => {
  const circle = buildspec.replace("identifier: unit\n", "identifier: unit\n      depend-on: [deploy]\n");
  const directory = directoryWith(t, { "buildspec.yml": buildspec, "circle.yml": circle, "single.yml": single });
  const shown = await runChubo(["build", "--batch", "--dry-run"], { directory });
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(
    shown.stdout,
    /^4 builds\n {2}lint\n {2}unit\n {2}flaky {3}failure is ignored\n {2}deploy {2}after unit\n/,
  );
  assert.match(shown.stdout, /^build\n {2}\$ echo/m);
  const refused = await runChubo(["build", "--batch", "--dry-run", "--buildspec", "circle.yml"], { directory });
  assert.equal(refused.status, 2);
  assert.match(
    refused.stderr,
    /circular dependency: unit -> deploy -> unit.*\[BUILDSPEC_INVALID\]\n {2}at circle\.yml:5/,
  );
  const none = await runChubo(["build", "--batch", "--graph", "--buildspec", "single.yml"], { directory });
  assert.deepEqual([none.status, /the buildspec has no batch/.test(none.stderr)], [2, true]);
  const built = await runChubo(["build", "--batch", "--buildspec", "circle.yml"], { directory });
  assert.equal(built.status, 1);
  assert.match(built.stdout, /✗ FAILED in DOWNLOAD_BATCHSPEC: YAML_FILE_ERROR: circular dependency/);
});

const single = "version: 0.2\nphases: { build: { commands: [echo] } }\n";

test("a template's project needs a role for batches; with one its batch is run", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const template = writeOneProject(directory, { commands: ["true"] });
  const args = ["build", template, "--batch", "--buildspec", "buildspec.yml", "--env", "BAD=x", "--json"];
  const refused = await runChubo(args, { directory });
  assert.equal(refused.status, 2, refused.stderr);
  assert.match(refused.stderr, /no buildBatchConfig with a serviceRole \[CONFIG_PROJECT\]/);
  const text = JSON.parse(readFileSync(template, "utf8"));
  text.Resources.Project.Properties.BuildBatchConfig = { ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] } };
  writeFileSync(template, JSON.stringify(text));
  const outcome = await runChubo(args, { directory });
  assert.equal(outcome.status, 1, outcome.stderr);
  // The role of this project may not start builds.
  assert.match(outcome.stderr, /✗ FAILED in IN_PROGRESS: ACCESS_DENIED: .*codebuild:StartBuild/);
});

test("on a terminal finished builds are folded, and those that run and wait are seen", async (t) => {
  const slow = buildspec.replace("  build:\n", "  install:\n    commands: [sleep 0.5]\n  build:\n");
  const directory = directoryWith(t, { "buildspec.yml": slow });
  const session = openTerminalSession(t, ["build", "--batch", "--env", "BAD=x"], { directory });
  await session.waitFor("status 0");
  const shown = stripVTControlCharacters(session.shown());
  assert.match(shown, /▸ unit +\d\.\d s {3}INSTALL: sleep 0\.5/);
  assert.match(shown, /· deploy +waits for unit/);
  assert.match(shown, /✓ deploy +\d\.\d s {3}3 commands, 1 line/);
  assert.match(shown, /! flaky +\d\.\d s {3}BUILD: case .*…/);
  assert.match(shown, /✓ SUCCEEDED/);
  assert.doesNotMatch(shown, /\[Container\]/);
});

test("--watch runs the batch again after a change", async (t) => {
  const directory = directoryWith(t, { "buildspec.yml": buildspec });
  const text = await watchOneChange(t, directory, "--batch", "--env", "BAD=x");
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  assert.deepEqual([count(/✓ SUCCEEDED/g), count(/^ {2}✓ deploy /gm), count(/^Batch app:/gm)], [2, 2, 2]);
});
