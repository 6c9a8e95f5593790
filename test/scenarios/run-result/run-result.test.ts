// What `chubo run --json` prints is what docs/run-result.schema.json says, whatever way the run ends.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { runIn, soundTemplate } from "../bad-input/bad-input.ts";
import { repository, resultOf } from "../run-chubo.ts";

const schema = JSON.parse(readFileSync(join(repository, "docs", "run-result.schema.json"), "utf8"));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

function assertValid(result: unknown): void {
  assert.equal(validate(result), true, JSON.stringify(validate.errors, null, 2));
}

const outputs = 'Outputs:\n  Name: { Value: !Ref Project, Export: { Name: "name" } }\n';
const buildspec = (command: string) => `version: 0.2
env: { exported-variables: [TAG] }
phases:
  build: { commands: ["TAG=v1", "${command}"] }
artifacts: { files: ["a.txt"] }
`;

const runs = [
  { title: "a build that succeeds", command: "true", template: soundTemplate + outputs, status: "SUCCEEDED" },
  { title: "a command that fails", command: "exit 3", template: soundTemplate, status: "FAILED" },
  {
    title: "a stack that fails",
    command: "true",
    template: soundTemplate.replace("demo }", '"not a name" }'),
    status: "FAILED",
  },
];

for (const { title, command, template, status } of runs) {
  test(`the result of ${title} is as its schema says`, async (t) => {
    const files = { "template.yml": template, "app/a.txt": "a", "app/buildspec.yml": buildspec(command) };
    const outcome = await runIn(t, files, ["run", "template.yml", "--source", "app", "--json"]);
    assert.equal(outcome.stdout.split("\n").length, 2, outcome.stdout);
    const result = resultOf(outcome);
    assert.equal(result.status, status, outcome.stderr);
    assertValid(result);
  });
}

test("the schema refuses what it does not name", () => {
  const empty = { status: "FAILED", stacks: [], builds: [], images: [], pulls: [], iam: { denied: [], unused: [] } };
  assertValid(empty);
  assert.equal(validate({ ...empty, more: 1 }), false);
  assert.equal(validate({ ...empty, status: "DONE" }), false);
});
