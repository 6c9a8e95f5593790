// Buildspecs of public repositories that need no network: run as they are, on a small source that has what they call.
// The collection is no part of this project; without it there is nothing to run.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runIn, soundTemplate } from "../bad-input/bad-input.ts";
import { failureOf, resultOf } from "../run-chubo.ts";

const corpus = join(import.meta.dirname, "..", "..", "..", "..", "shared", "corpus");
const skip = !existsSync(corpus) && "no collection at hand";

/** A package without dependencies, whose test says with which words it was called. */
const node = {
  "package.json": JSON.stringify({ name: "a", version: "1.0.0", scripts: { test: "node test.js" } }),
  "test.js": "console.log('tested with', process.argv.slice(2).join('|'));",
};

interface Case {
  /** Below the collection. */
  buildspec: string;
  source: Record<string, string>;
  printed?: string;
  artifacts?: string[];
  /** `PHASE CODE: message` */
  failure?: string;
}

const samples = "aws-samples__aws-codebuild-samples";
const cases: Case[] = [
  {
    buildspec: `${samples}/buildspec.yml`,
    source: node,
    printed: "tested with ",
    artifacts: ["package.json", "test.js"],
  },
  {
    buildspec: `${samples}/buildspecs/build-test-suite-1.yml`,
    source: node,
    printed: "tested with --grep|Calculator Tests",
    artifacts: ["package.json", "test.js"],
  },
  {
    buildspec: `${samples}/buildspecs/build-test-suite-2.yml`,
    source: node,
    printed: "tested with --grep|Calculator Tests|--invert",
    artifacts: ["package.json", "test.js"],
  },
  { buildspec: `${samples}/buildspecs/build-with-cache.yml`, source: node, printed: "tested with " },
  {
    buildspec: `${samples}/buildspecs/build-with-image-cache.yml`,
    source: node,
    failure:
      "INSTALL COMMAND_EXECUTION_ERROR: Error while executing command: cp -a ~/node_modules_cache/. node_modules. Reason: exit status 1",
  },
  {
    buildspec: `${samples}/buildspecs/shrinkwrap.yml`,
    source: { "ci_tools/update_shrinkwrap.sh": "#!/bin/sh\necho shrunk\n" },
    failure:
      "BUILD COMMAND_EXECUTION_ERROR: Error while executing command: ./ci_tools/update_shrinkwrap.sh. Reason: exit status 126",
  },
];

for (const { buildspec, source, printed, artifacts, failure } of cases) {
  test(`${buildspec} ${failure === undefined ? "succeeds" : "fails where its source does"}`, { skip }, async (t) => {
    const files = Object.fromEntries(Object.entries(source).map(([name, text]) => [`app/${name}`, text]));
    const text = readFileSync(join(corpus, buildspec), "utf8");
    const outcome = await runIn(t, { ...files, "template.yml": soundTemplate, "app/buildspec.yml": text }, [
      ...["run", "template.yml", "--source", "app", "--environment", "host", "--json"],
    ]);
    const result = resultOf(outcome);
    assert.equal(failureOf(result), failure, outcome.stderr);
    if (printed !== undefined) assert.ok(outcome.stderr.split("\n").includes(printed), outcome.stderr);
    const names = result.builds.flatMap(({ artifacts: made }) => made).flatMap((artifact) => artifact.files);
    for (const name of artifacts ?? []) assert.ok(names.includes(name), names.join());
  });
}
