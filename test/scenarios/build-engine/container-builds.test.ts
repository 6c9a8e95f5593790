// Whole builds in a container of an image that has a user, and a runtimes file as AWS's images have it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildspecOf, failureOf, runTestBuild } from "../../builds/run-test-build.ts";
import { typeAt } from "../../builds/type-at.ts";
import { makeContext, openPlainContainer, skip } from "./plain-container.ts";

let root: string;
let opened = 0;
before(() => {
  root = mkdtempSync(join(tmpdir(), "chubo-ctr-"));
  if (!skip) makeContext(root);
});
after(() => rmSync(root, { recursive: true }));

const collaborators = { openEnvironment: () => openPlainContainer(root, `build${opened++}`) };

test("run-as, runtime-versions and state between users work in a container", { skip }, async (t) => {
  const asBuilder = (commands: string[]) => ({ "run-as": "builder", commands });
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({
      install: { "runtime-versions": { nodejs: "18" }, commands: ['A=of-root; echo "$NODE_HOME $(id -un)"'] },
      pre_build: asBuilder(['echo "$A $(id -un)"; A=of-builder; touch x || echo refused']),
      build: ['echo "$A $(id -un)"', "codebuild-breakpoint"],
    }),
    { collaborators },
  );
  assert.equal(build.status, "SUCCEEDED", log);
  assert.match(log, /Selecting 'nodejs' runtime version '18' based on manual selections\.\.\.\n/);
  assert.match(log, /Running command echo choosing node 18\nchoosing node 18\n\n/);
  for (const line of ["/opt/node18 root", "of-root builder", "refused", "of-builder root"]) {
    assert.ok(log.includes(`\n${line}\n`), `${line}\n${log}`);
  }
});

test("a user that the image has not fails the phase", { skip }, async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["id"] }, { "run-as": "nobody" }), { collaborators });
  assert.match(failureOf(build), /^BUILD COMMAND_EXECUTION_ERROR: .+unable to find user nobody/);
});

test("a breakpoint opens a shell in the container, as the user of that point", { skip }, async (t) => {
  let shown = "";
  const command = "cd /bin; X='two words'; codebuild-breakpoint; echo went on";
  const { build, log } = await runTestBuild(t, buildspecOf({ build: [command] }, { "run-as": "builder" }), {
    collaborators,
    changes: { debugSessionEnabled: true },
    input: {
      attendant: {
        async onBreakpoint(point) {
          shown = await typeAt(t, point, 'pwd\necho "$X $(id -un) $TERM"\n');
        },
      },
    },
  });
  assert.equal(build.status, "SUCCEEDED", log);
  // The shell of the image shows its greeting and prompts there.
  assert.match(shown, /\/bin\n[\s\S]*two words builder dumb\n/);
  assert.match(log, /^went on$/m);
});
