import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { buildspecOf, runTestBuild } from "../../../../test/builds/run-test-build.ts";
import { quoteForShell } from "./shell-command.ts";

for (const shell of ["/bin/sh", "bash"]) {
  const skip = shell === "bash" && !existsSync("/bin/bash");

  test(`${shell}: directory, exports and plain assignments persist, and become exported`, { skip }, async (t) => {
    const { log } = await runTestBuild(
      t,
      buildspecOf(
        {
          install: ['mkdir "it\'s d" && cd "it\'s d"', "A=plain", "export B='two\nlines' C='q\"$x`\\'"],
          build: ['basename "$(pwd)"', "sh -c 'echo A=$A'", 'echo "$B"', 'printf "%s\\n" "$C"'],
        },
        { env: { shell } },
      ),
    );
    for (const line of ["it's d", "A=plain", "two\nlines", 'q"$x`\\']) assert.ok(log.includes(`\n${line}\n\n`), log);
  });

  test(`${shell}: functions, set -e and the changes of a command that exits do not persist`, { skip }, async (t) => {
    const { log, build } = await runTestBuild(
      t,
      buildspecOf(
        {
          install: ["f() { echo called; }", "set -e", "C=lost; exit 0", "false || true; LAST=kept"],
          build: ["f || echo no function", "false; echo went on", 'echo "C=[$C] LAST=$LAST"', "(exit 0); true"],
        },
        { env: { shell } },
      ),
    );
    assert.equal(build.status, "SUCCEEDED", log);
    for (const line of ["no function", "went on", "C=[] LAST=kept"]) assert.ok(log.includes(`\n${line}\n`), log);
  });

  test(`${shell}: CODEBUILD_LAST_EXIT is the status of the command before`, { skip }, async (t) => {
    const phases = { build: { commands: ["exit 5"], finally: ["true", "echo last=$CODEBUILD_LAST_EXIT"] } };
    const { log } = await runTestBuild(t, buildspecOf(phases, { env: { shell } }));
    assert.match(log, /^last=0$/m);
  });

  test(`${shell}: a shell's error names line 4 of the script, as on AWS`, { skip }, async (t) => {
    const { log } = await runTestBuild(t, buildspecOf({ build: ["nonesuch"] }, { env: { shell } }));
    assert.match(
      log,
      shell === "bash"
        ? /script\.sh: line 4: nonesuch: command not found/
        : /script\.sh: (line )?4: nonesuch: not found/,
    );
    assert.match(log, /exit status 127/);
  });
}

test("version 0.1 carries nothing from one command to the next", async (t) => {
  const buildspec = `version: 0.1
environment_variables: { plaintext: { GIVEN: yes } }
phases:
  build:
    commands: ["mkdir d && cd d; A=1", "ls; echo \\"[$A] $GIVEN\\""]
`;
  const { log } = await runTestBuild(t, buildspec);
  assert.match(log, /^a\.txt\nd\n\[\] yes$/m);
});

test("a block of several lines fails on its last command only", async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["false\necho end"] }));
  assert.equal(build.status, "SUCCEEDED");
});

test("stdout and stderr come in the order in which they were written", async (t) => {
  const { log } = await runTestBuild(
    t,
    buildspecOf({ build: ["for i in 1 2 3; do echo out$i; echo err$i >&2; done"] }),
  );
  assert.match(log, /out1\nerr1\nout2\nerr2\nout3\nerr3\n\n/);
});

test("any text is one word of the shell", () => {
  assert.equal(quoteForShell("it's $x"), `'it'\\''s $x'`);
});
