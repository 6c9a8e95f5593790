import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild } from "../../../../test/builds/run-test-build.ts";
import { commandLines } from "../../../../test/fixtures/command-lines.ts";

const isRoot = { skip: process.getuid?.() !== 0 && "only root becomes another user" };

/** A user of this system who is not root, and has a primary group of his own name or `nogroup`. */
const other = "nobody";

test("run-as decides who runs all commands, and a phase's own wins", isRoot, async (t) => {
  const phases = {
    install: ["id -un"],
    build: { "run-as": "root", commands: ["id -un"], finally: ["id -un"] },
    post_build: ["id -un"],
  };
  const { log, build, left } = await runTestBuild(t, buildspecOf(phases, { "run-as": other }));
  assert.equal(build.status, "SUCCEEDED", log);
  assert.deepEqual(log.match(/^(nobody|root)$/gm), [other, "root", "root", other]);
  assert.deepEqual(left, []);
});

test("variables and directory travel between users, and nobody else reads them", isRoot, async (t) => {
  const asOther = (commands: string[]) => ({ "run-as": other, commands });
  const phases = {
    install: ["A='of root'; mkdir d; cd d"],
    pre_build: asOther([`pwd | grep -o 'd$'; echo "1 $A"; A='of other'; cd ..`]),
    build: [`echo "2 $A"; A=again; ls a.txt`, `stat -c '%U %a' $CODEBUILD_SRC_DIR/../../tmp/env.sh`],
    post_build: asOther([`echo "3 $A"`]),
  };
  const { log, build } = await runTestBuild(t, buildspecOf(phases));
  assert.equal(build.status, "SUCCEEDED", log);
  for (const line of ["d", "1 of root", "2 of other", "a.txt", "nobody 600", "3 again"]) {
    assert.ok(log.includes(`\n${line}\n`), `${line}\n${log}`);
  }
});

test("another user reads and runs the source, and writes to TMPDIR alone", isRoot, async (t) => {
  const commands = ["cat a.txt", "touch $TMPDIR/x && echo in TMPDIR", "touch b.txt", "echo not reached"];
  const { log, build } = await runTestBuild(t, buildspecOf({ build: { "run-as": other, commands } }));
  assert.match(log, /\na\n\n/);
  assert.match(log, /^in TMPDIR$/m);
  assert.match(failureOf(build), /^BUILD COMMAND_EXECUTION_ERROR: Error while executing command: touch b\.txt/);
});

test("a third user gets no further than the private directory's name", isRoot, async (t) => {
  const read = `setpriv --reuid daemon --regid daemon --clear-groups ls $CODEBUILD_SRC_DIR || echo refused`;
  const phases = { install: { "run-as": other, commands: ["true"] }, build: [read] };
  const { log } = await runTestBuild(t, buildspecOf(phases));
  assert.match(log, /Permission denied[\s\S]*\nrefused\n/);
});

test("another user's processes end with the build", isRoot, async (t) => {
  const lasting = `sleep 51007.${process.pid}`;
  const { build } = await runTestBuild(
    t,
    buildspecOf({ build: { "run-as": other, commands: [`setsid ${lasting} & sleep 0.1`] } }),
  );
  assert.equal(build.status, "SUCCEEDED");
  assert.equal(commandLines().includes(lasting), false);
});

test("a user that there is not fails the phase, and says so", async (t) => {
  const { build, log } = await runTestBuild(t, buildspecOf({ build: ["id"] }, { "run-as": "no-such-user" }));
  assert.equal(
    failureOf(build),
    "BUILD COMMAND_EXECUTION_ERROR: Error while running commands as no-such-user. Reason: unable to find user no-such-user: no matching entries in passwd file",
  );
  assert.doesNotMatch(log, /uid=/);
});
