import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";
import { typeAt } from "../../../../test/builds/type-at.ts";
import type { PausePoint } from "../collaborators.ts";

test("a breakpoint in the middle of a command opens a shell with its directory and variables", async (t) => {
  const points: PausePoint[] = [];
  let shown = "";
  const command = "mkdir d\ncd d\nX='two words'\ncodebuild-breakpoint\necho went on in $(basename \"$PWD\")";
  const { build, log } = await runTestBuild(t, buildspecOf({ pre_build: [command] }), {
    changes: { debugSessionEnabled: true },
    input: {
      attendant: {
        async onBreakpoint(point) {
          points.push(point);
          shown = await typeAt(
            t,
            point,
            'basename "$PWD"\necho "[$X] $TERM $CODEBUILD_BUILD_NUMBER"\nX=lost\nexit 3\n',
          );
        },
      },
    },
  });
  assert.equal(build.status, "SUCCEEDED", log);
  assert.equal(shown, "d\n[two words] dumb 1\n");
  assert.match(log, /^went on in d$/m);
  assert.deepEqual(
    points.map(({ phaseType, message }) => [phaseType, message]),
    [["PRE_BUILD", "codebuild-breakpoint"]],
  );
});

test("codebuild-resume lets a build go on that nobody attends, and the note says which", async (t) => {
  const command = "(sleep 0.2; codebuild-resume) & codebuild-breakpoint; echo went on";
  const { build, log, opened } = await runTestBuild(t, buildspecOf({ build: [command] }), {
    changes: { debugSessionEnabled: true },
  });
  assert.equal(build.status, "SUCCEEDED", log);
  assert.match(log, /^went on$/m);
  assert.match(opened.notes.join("\n"), /paused at a breakpoint in BUILD; \S+\/codebuild-resume lets it go on/);
});

test("a build is stopped at a breakpoint as anywhere else", async (t) => {
  let stopped = false;
  const { build, left } = await runTestBuild(t, buildspecOf({ build: ["codebuild-breakpoint"] }), {
    changes: { debugSessionEnabled: true },
    account(opened) {
      opened.notes.push = (...notes) => {
        if (notes.join().includes("paused")) stopped = true;
        if (stopped) for (const { id } of opened.codeBuild.store.builds.list()) opened.codeBuild.stop(id);
        return 0;
      };
    },
  });
  assert.equal(statusesOf(build).BUILD, "STOPPED");
  assert.deepEqual(left, []);
});

test("without a debug session both programs do nothing", async (t) => {
  const { build, log } = await runTestBuild(t, buildspecOf({ build: ["codebuild-breakpoint && codebuild-resume"] }));
  assert.equal(build.status, "SUCCEEDED", log);
});

test("a failed command opens a shell before finally, with what the command left", async (t) => {
  let shown = "";
  const messages: string[] = [];
  const phase = { commands: ["mkdir d; cd d; X=kept; false", "echo not reached"], finally: ["echo tidied"] };
  const { build, log } = await runTestBuild(t, buildspecOf({ build: phase }), {
    input: {
      attendant: {
        async onCommandFailure(point) {
          messages.push(point.message);
          shown = await typeAt(t, point, 'echo "$X $CODEBUILD_BUILD_SUCCEEDING $(basename "$PWD")"\n');
        },
      },
    },
  });
  assert.equal(shown, "kept 0 d\n");
  assert.deepEqual(messages, ["Error while executing command: mkdir d; cd d; X=kept; false. Reason: exit status 1"]);
  assert.match(log, /^tidied$/m);
  assert.equal(build.status, "FAILED");
});

test("a phase that is tried again calls nobody but in the end", async (t) => {
  let calls = 0;
  const phase = { commands: ["false"], "on-failure": "RETRY-2" };
  await runTestBuild(t, buildspecOf({ build: phase }), {
    input: { attendant: { onCommandFailure: async () => void calls++ } },
  });
  assert.equal(calls, 1);
});

const isRoot = { skip: process.getuid?.() !== 0 && "only root becomes another user" };

test("the shell at a breakpoint is that of run-as", isRoot, async (t) => {
  let shown = "";
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({ build: ["codebuild-breakpoint"] }, { "run-as": "nobody" }),
    {
      changes: { debugSessionEnabled: true },
      input: {
        attendant: {
          async onBreakpoint(point) {
            shown = await typeAt(t, point, "id -un\n");
          },
        },
      },
    },
  );
  assert.equal(build.status, "SUCCEEDED", log);
  assert.equal(shown, "nobody\n");
});
