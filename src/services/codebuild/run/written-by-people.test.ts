import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { failureOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";

const shared = `
version: 0.2
x-shared: &shared
  - &hello echo "said once"
  - export SHARED=1
x-phase: &phase
  on-failure: ABORT
  commands: *shared
phases:
  install:
    <<: *phase
  pre_build:
    commands:
      - *hello
      - echo "shared=$SHARED"
  build:
    <<: *phase
    finally: [*hello]
`;

test("anchors, aliases and merge keys make commands, lists and phases", async (t) => {
  const { log, build } = await runTestBuild(t, shared);
  assert.equal(build.status, "SUCCEEDED", log);
  assert.equal(log.match(/^said once$/gm)?.length, 4);
  assert.match(log, /^shared=1$/m);
});

const blocks = `
version: 0.2
phases:
  build:
    commands:
      - |
        greet() { echo "hi $1"; }
        greet inner
        false
        echo "after false"
      - greet outer || echo "no function"
      - >-
        echo folded
        one two
        && echo "and on"
      - |-
        cat <<EOF > out.txt
        expanded: $CODEBUILD_BUILD_NUMBER
          deeper
        EOF
        cat out.txt
      - |
        cat <<'EOF'
        literal: $NOT
        EOF
      - echo a; # a comment
      - "# nothing but a comment"
      - ""
      - |
        set -eu
        echo one
        false
        echo never
  post_build:
    commands:
      - 'echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING"; false; echo "set -e is over"'
`;

test("blocks of several lines, here-documents, folded lines and comments are commands", async (t) => {
  const { log, build } = await runTestBuild(t, blocks);
  assert.equal(
    failureOf(build),
    "BUILD COMMAND_EXECUTION_ERROR: Error while executing command: set -eu\necho one\nfalse\necho never\n. Reason: exit status 1",
  );
  for (const text of [
    ...["hi inner\nafter false", "no function", "folded one two\nand on", "expanded: 1\n  deeper", "literal: $NOT"],
    ...["a", "one", "succeeding=0\nset -e is over"],
  ]) {
    assert.ok(
      log.includes(`
${text}
`),
      `${text} in
${log}`,
    );
  }
  assert.doesNotMatch(log, /^never\n\n/m);
});

const state = `
version: 0.2
env:
  variables: { A: plain }
  exported-variables: [A, QUOTED, BLOCK, UNSET, LATE]
phases:
  install:
    commands:
      - mkdir -p src/deep && cd src/deep
      - export QUOTED="it's \\"quoted\\" \\$HOME \\\`x\\\`"
      - |
        BLOCK='first
        second '"'"' third'
      - (cd / && export LOST=1)
      - echo "at=\${PWD#$CODEBUILD_SRC_DIR} lost=\${LOST-unset}"
      - cd ..; exit 0
      - echo "still=\${PWD#$CODEBUILD_SRC_DIR}"
      - IFS=,
      - set -- $(echo 1,2,3); echo "fields=$#"
  build:
    commands:
      - umask > $TMPDIR/umask; readonly RO=1; umask 077; alias ll='ls -l'; trap 'echo trapped' EXIT
      - echo "ro=$RO"; umask | diff - $TMPDIR/umask && echo "umask is back"; type ll || echo "no alias"
      - touch "log of \${CODEBUILD_BUILD_ID##*:}, $CODEBUILD_BUILD_NUMBER.txt"; ls log*
  post_build:
    commands: LATE=late
`;

test("directory and variables go on from command to command, and nothing else does", async (t) => {
  const { log, build } = await runTestBuild(t, state);
  assert.equal(build.status, "SUCCEEDED", log);
  for (const line of [
    ...["at=/src/deep lost=unset", "still=/src/deep", "fields=3", "trapped", "ro=1\numask is back", "no alias"],
    `log of ${build.id.split(":")[1]}, 1.txt`,
  ]) {
    assert.ok(log.includes(`\n${line}\n`), `${line} in\n${log}`);
  }
  assert.deepEqual(build.exportedVariables, [
    { name: "A", value: "plain" },
    { name: "QUOTED", value: 'it\'s "quoted" $HOME `x`' },
    { name: "BLOCK", value: "first\nsecond ' third" },
    { name: "UNSET", value: "" },
    { name: "LATE", value: "late" },
  ]);
});

const bash = `
version: 0.2
env: { shell: bash }
phases:
  build:
    on-failure: CONTINUE
    commands:
      - ARR=(a b c); echo "\${ARR[1]} of \${#ARR[@]}"
      - echo "later \${ARR[1]-gone}"
      - declare -A MAP=([x]=1); echo "map \${MAP[x]}"
      - echo "map \${MAP[x]-gone}"
      - exported() { echo called; }; export -f exported; bash -c exported
      - exported || echo "no function"
      - set -o pipefail; false | true
  post_build:
    commands:
      - "[[ $CODEBUILD_BUILD_SUCCEEDING == 0 ]] && false | true && echo 'pipefail is over'"
      - diff <(echo a) <(echo a) && echo same
`;

test("bash's own words work with env.shell, and arrays and functions end with their command", {
  skip: !existsSync("/bin/bash"),
}, async (t) => {
  const { log, build } = await runTestBuild(t, bash);
  for (const line of [
    "b of 3",
    "later gone",
    "map 1",
    "map gone",
    "called",
    "no function",
    "pipefail is over",
    "same",
  ]) {
    assert.ok(log.includes(`\n${line}\n`), `${line} in\n${log}`);
  }
  assert.deepEqual([statusesOf(build).BUILD, statusesOf(build).POST_BUILD], ["FAILED", "SUCCEEDED"]);
});

const scalars = `
version: 0.2
env:
  variables: { N: 1, B: true, F: 1.50, D: 2020-01-01, Z: , O: 0o17, Y: yes, P: "$HOME/\${PATH}" }
phases:
  install:
    commands: echo "a text is a list of one"
  pre_build:
  build:
    commands:
      - printf '<%s>' "$N" "$B" "$F" "$D" "$Z" "$O" "$Y" "$P"; echo
      - 12
`;

test("scalars of any kind are the text that is written, as values and as commands", async (t) => {
  const { log, build } = await runTestBuild(t, scalars);
  assert.match(log, /^a text is a list of one$/m);
  assert.match(log, /^<1><true><1\.50><2020-01-01><><0o17><yes><\$HOME\/\$\{PATH\}>$/m);
  assert.match(failureOf(build), /Error while executing command: 12\. Reason: exit status 127$/);
});
