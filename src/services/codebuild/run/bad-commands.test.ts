import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";
import { commandLines } from "../../../../test/fixtures/command-lines.ts";

const linux = { skip: !existsSync("/proc/self/stat") };

/** A process of this run's own, told from those of others on the machine by its command line. */
const sleep = (seconds: number) => `sleep ${seconds}.${process.pid}`;

function isRunning(commandLine: string): boolean {
  return commandLines().includes(commandLine);
}

for (const [index, phase] of ["install", "pre_build", "build", "post_build"].entries()) {
  const [stopping, timing] = [sleep(5200 + index), sleep(5300 + index)];

  test(`a command of ${phase} that never ends is ended by StopBuild, and no later phase runs`, linux, async (t) => {
    const { build, left } = await runTestBuild(t, buildspecOf({ [phase]: [`echo begun; ${stopping}`] }), {
      account(opened) {
        opened.onLog = (text, stop) => {
          if (/^begun$/m.test(text)) stop();
        };
      },
    });
    assert.equal(build.status, "STOPPED");
    assert.equal(statusesOf(build)[phase.toUpperCase()], "STOPPED");
    assert.equal(build.phases.at(-3)?.phaseType, phase.toUpperCase());
    assert.equal(isRunning(stopping), false);
    assert.deepEqual(left, []);
  });

  test(`a command of ${phase} that never ends is ended by the build's timeout`, linux, async (t) => {
    const { build } = await runTestBuild(t, buildspecOf({ [phase]: [timing] }), {
      project: { timeoutInMinutes: 0.004 },
    });
    assert.equal(build.status, "FAILED");
    assert.equal(failureOf(build), `${phase.toUpperCase()} BUILD_TIMED_OUT: Build has timed out.`);
    assert.equal(statusesOf(build)[phase.toUpperCase()], "TIMED_OUT");
    assert.equal(isRunning(timing), false);
  });
}

test("a finally command that never ends is ended as well", linux, async (t) => {
  const phase = { commands: ["false"], finally: [sleep(5401)] };
  const { build } = await runTestBuild(t, buildspecOf({ build: phase }), { project: { timeoutInMinutes: 0.004 } });
  assert.equal(statusesOf(build).BUILD, "TIMED_OUT");
  assert.equal(isRunning(sleep(5401)), false);
});

test("a phase is not tried again once its build has run out of time", linux, async (t) => {
  const phase = { commands: [`echo begun; ${sleep(5402)}`], "on-failure": "RETRY" };
  const { build, log } = await runTestBuild(t, buildspecOf({ build: phase }), {
    project: { timeoutInMinutes: 0.004 },
  });
  assert.equal(statusesOf(build).BUILD, "TIMED_OUT");
  assert.equal(log.match(/^begun$/gm)?.length, 1);
});

test("a command that forks away holds nothing up, and what it left is ended with the build", linux, async (t) => {
  const away = `setsid sh -c 'exec ${sleep(5403)}' & setsid ${sleep(5404)} > /dev/null 2>&1 < /dev/null & echo on`;
  const { build, log } = await runTestBuild(t, buildspecOf({ build: [away, "echo next"] }));
  assert.equal(build.status, "SUCCEEDED", log);
  assert.match(log, /^on\n\n\[Container\] .+ Running command echo next\nnext\n/m);
  assert.deepEqual([sleep(5403), sleep(5404)].map(isRunning), [false, false]);
});

test("a command that closes its output, or writes to a pipe that is closed, ends with its own status", async (t) => {
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({ build: ["exec >&- 2>&-; true", "echo still here", "yes | head -n 1", "exec >&- 2>&-; (exit 9)"] }),
  );
  assert.match(log, /^still here$/m);
  assert.match(failureOf(build), /Reason: exit status 9$/);
});

test("a command that reads its input meets its end at once", async (t) => {
  const { build, log } = await runTestBuild(t, buildspecOf({ build: ["cat; read x || echo none"] }));
  assert.equal(build.status, "SUCCEEDED");
  assert.match(log, /^none$/m);
});

test("bytes that are no UTF-8 are shown as such, and what follows them is whole", async (t) => {
  const { build, log } = await runTestBuild(
    t,
    buildspecOf({
      build: ["printf 'a\\377b\\303'", "printf '\\344\\270'; sleep 0.05; printf '\\255\\n'", "printf '\\000x\\n'"],
    }),
  );
  assert.equal(build.status, "SUCCEEDED");
  assert.ok(log.includes("\na\uFFFDb\uFFFD\n"), log);
  assert.ok(log.includes("\n中\n"), "a character that comes in two pieces");
  assert.ok(log.includes("\n\0x\n"));
});

const env = { "secrets-manager": { SECRET: "hub:password" } };

const inPieces: Record<string, string> = {
  "by byte": `printf "%s\\n" "$SECRET" | fold -w 1 | while read c; do printf %s "$c"; sleep 0.01; done`,
  "from two processes": `printf 'correct-'; sh -c "printf 'horse\\n'"`,
  "on stdout and stderr": `printf 'correct-'; printf 'horse\\n' >&2`,
  "at the very end, without a newline": `printf 'correct-ho'; sleep 0.05; printf rse`,
  "after a beginning that is none": `printf 'correct-correct-hor'; sleep 0.05; printf 'se\\n'`,
};

for (const [how, command] of Object.entries(inPieces)) {
  test(`a secret that is printed in pieces is masked: ${how}`, async (t) => {
    const { log, opened } = await runTestBuild(t, buildspecOf({ build: [command] }, { env }));
    const output = log.slice(log.indexOf("Entering phase BUILD")).replaceAll(/^\[Container\].*$/gm, "");
    assert.doesNotMatch(output, /correct-horse/);
    assert.match(output, /\*\*\*/);
    assert.doesNotMatch(opened.cloudWatchLog, /correct-horse/);
  });
}

test("a beginning of a secret that is none is shown after all", async (t) => {
  const { log } = await runTestBuild(t, buildspecOf({ build: ["printf correct-h"] }, { env }));
  assert.match(log, /^correct-h$/m);
});

test("a command that kills its own shell is a failure of that signal", async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["kill -KILL $$"] }));
  assert.match(failureOf(build), /Reason: exit status 137$/);
});

test("a command that removes the state of the shell fails, and later ones begin anew", async (t) => {
  const phases = { build: ["rm -rf $CODEBUILD_SRC_DIR/../../tmp"], post_build: ["ls a.txt"] };
  const { build, log } = await runTestBuild(t, buildspecOf(phases));
  assert.deepEqual([statusesOf(build).BUILD, statusesOf(build).POST_BUILD], ["FAILED", "SUCCEEDED"]);
  assert.match(log, /^a\.txt$/m);
});

test("a command that puts something else in the place of the shell's state is a failure at the most, and no defect", async (t) => {
  const state = "$CODEBUILD_SRC_DIR/../../tmp";
  for (const name of ["env.sh", "dir.txt", "script.sh"]) {
    const phases = { build: [`rm -f ${state}/${name}; mkdir ${state}/${name}`], post_build: ["ls a.txt"] };
    const { log, opened } = await runTestBuild(t, buildspecOf(phases));
    assert.deepEqual(opened.defects, [], name);
    assert.match(log, /^a\.txt$/m, name);
  }
});

test("commands whose directory is gone do not run in that of whoever started the build", async (t) => {
  const phases = { build: ["rm -rf $CODEBUILD_SRC_DIR", "ls package.json; test ! -e package.json && echo elsewhere"] };
  const { log } = await runTestBuild(t, buildspecOf(phases));
  assert.match(log, /^elsewhere$/m);
});
