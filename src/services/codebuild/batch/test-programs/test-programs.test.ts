import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildspecOf, runTestBuild } from "../../../../../test/builds/run-test-build.ts";
import { globSearchScript } from "./glob-search-script.ts";
import { testsRunScript } from "./tests-run-script.ts";

const posixTools = ["sh", "find", "awk", "sed", "sort", "grep", "cat", "echo", "printf", "true", "wc"];

/** A directory of files, and the programs run in it with nothing but POSIX's tools on PATH. */
function open(t: TestContext, files: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "chubo-test-programs-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [bin, work] = [join(root, "bin"), join(root, "work")];
  mkdirSync(bin);
  for (const tool of posixTools) {
    const path = execFileSync("sh", ["-c", `PATH=/usr/bin:/bin command -v ${tool}`], { encoding: "utf8" }).trim();
    if (path.startsWith("/")) symlinkSync(path, join(bin, tool));
  }
  writeFileSync(join(bin, "codebuild-glob-search"), globSearchScript, { mode: 0o755 });
  writeFileSync(join(bin, "codebuild-tests-run"), testsRunScript, { mode: 0o755 });
  for (const file of files) {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    writeFileSync(join(work, file), "");
  }
  const run = (program: string, words: readonly string[], variables: Record<string, string> = {}) =>
    spawnSync(join(bin, program), words, { cwd: work, env: { PATH: bin, ...variables }, encoding: "utf8" });
  return {
    search: (...patterns: string[]) => run("codebuild-glob-search", patterns),
    tests: (words: readonly string[], index = 1, count = 1) =>
      run("codebuild-tests-run", words, { CHUBO_SHARD_INDEX: String(index), CHUBO_SHARD_COUNT: String(count) }),
  };
}

const files = [
  "a.js",
  "b.ts",
  "src/__tests__/x.test.js",
  "src/deep/er/__tests__/y.test.js",
  "src/with space.js",
  "a+b(1).js",
];
const patterns: { patterns: string[]; found: string[] }[] = [
  { patterns: ["**/__tests__/*.js"], found: ["src/__tests__/x.test.js", "src/deep/er/__tests__/y.test.js"] },
  { patterns: ["*.js"], found: ["a+b(1).js", "a.js"] },
  { patterns: ["./src/*"], found: ["src/with space.js"] },
  {
    patterns: ["**/*.{ts,test.js}", "?.js"],
    found: ["a.js", "b.ts", "src/__tests__/x.test.js", "src/deep/er/__tests__/y.test.js"],
  },
  { patterns: ["[!b].*"], found: ["a.js"] },
  { patterns: ["a+b(1).js", "a.js", "a.js"], found: ["a+b(1).js", "a.js"] },
  { patterns: ["src/**"], found: ["src/__tests__/x.test.js", "src/deep/er/__tests__/y.test.js", "src/with space.js"] },
];
for (const { patterns: words, found } of patterns) {
  test(`codebuild-glob-search ${words.join(" ")} finds ${found.length} files`, (t) => {
    const { stdout, stderr, status } = open(t, files).search(...words);
    assert.deepEqual([stdout.split("\n").slice(0, -1), status], [found, 0], stderr);
  });
}

test("codebuild-glob-search says where it finds nothing, and asks for a pattern", (t) => {
  const { search } = open(t, files);
  const { stdout, stderr, status } = search("*.py");
  assert.deepEqual([stdout, stderr, status], ["", "No files found matching the provided patterns\n", 0]);
  assert.equal(search().status, 2);
});

const named = Array.from({ length: 23 }, (_, index) => `t/f${String(index).padStart(2, "0")}.js`);
const words = (strategy: string) => [
  "--test-command",
  "printf '%s\\n'",
  "--files-search",
  "codebuild-glob-search 't/*.js'",
  `--sharding-strategy=${strategy}`,
];

test("equal-distribution gives each build a piece of the files in order, of nearly the same size", (t) => {
  const { tests } = open(t, named);
  const shares = [1, 2, 3, 4, 5].map((index) => tests(words("equal-distribution"), index, 5).stdout.trim().split("\n"));
  assert.deepEqual(shares.flat(), named);
  assert.deepEqual(
    shares.map(({ length }) => length),
    [5, 5, 5, 4, 4],
  );
});

test("stability leaves every file with its build when another one comes", (t) => {
  const sharesOf = (names: readonly string[]) => {
    const { tests } = open(t, names);
    const all = [1, 2, 3].map((index) => tests(words("stability"), index, 3).stdout.trim().split("\n"));
    return new Map(all.flatMap((share, index) => share.map((name) => [name, index] as const)));
  };
  const [before, after] = [sharesOf(named), sharesOf(["t/a.js", ...named])];
  assert.equal(before.size, named.length);
  for (const [name, index] of before) assert.equal(after.get(name), index, name);
  const sizes = [0, 1, 2].map((index) => [...before.values()].filter((one) => one === index).length);
  assert.ok(Math.min(...sizes) >= 3, String(sizes));
});

test("a command that asks for the files itself gets them by name only", (t) => {
  const { tests } = open(t, ["t/x y.js", "t/z.js"]);
  const search = ["--files-search", "codebuild-glob-search 't/*'"];
  const asked = tests([...search, "--test-command", 'echo "[$CODEBUILD_CURRENT_SHARD_FILES]" $#']);
  assert.equal(asked.stdout, "[t/x y.js\nt/z.js] 0\n");
  assert.equal(tests([...search, "--test-command", "printf '<%s>'"]).stdout, "<t/x y.js><t/z.js>");
});

test("codebuild-tests-run ends as its command ends, and runs nothing where no file is its share", (t) => {
  const { tests } = open(t, ["t/a.js"]);
  const search = ["--files-search", "codebuild-glob-search 't/*'"];
  assert.equal(tests([...search, "--test-command", "exit 7; true"]).status, 7);
  const idle = tests([...search, "--test-command", "exit 7; true"], 2, 2);
  assert.deepEqual([idle.stdout, idle.status], ["No test files are this build's share (2 of 2)\n", 0]);
});

const wrong: { title: string; given: string[]; message: RegExp; status: number }[] = [
  { title: "no test command", given: ["--files-search", "true"], message: /--test-command is missing/, status: 2 },
  { title: "no files search", given: ["--test-command", "true"], message: /--files-search is missing/, status: 2 },
  { title: "an unknown option", given: ["--shards", "2"], message: /unknown option --shards/, status: 2 },
  {
    title: "an unknown strategy",
    given: ["--test-command", "true", "--files-search", "true", "--sharding-strategy", "x"],
    message: /unknown sharding strategy x/,
    status: 2,
  },
  {
    title: "a search that fails",
    given: ["--test-command", "true", "--files-search", "exit 3"],
    message: /exit status 3/,
    status: 3,
  },
  {
    title: "a search that finds nothing",
    given: ["--test-command", "true", "--files-search", "true"],
    message: /found no test files/,
    status: 1,
  },
];
for (const { title, given, message, status } of wrong) {
  test(`codebuild-tests-run refuses ${title}`, (t) => {
    const ended = open(t, ["t/a.js"]).tests(given);
    assert.match(ended.stderr, message);
    assert.equal(ended.status, status);
  });
}

test("both programs are last on a build's PATH", async (t) => {
  const command = "codebuild-tests-run --test-command 'echo ran' --files-search \"codebuild-glob-search '*.txt'\"";
  const { log } = await runTestBuild(t, buildspecOf({ build: [command, 'echo "$PATH"'] }));
  assert.match(log, /^ran a\.txt$/m);
  assert.match(log, /^\/usr\/.*:\/.*\/codebuild\/output\/tmp\/bin$/m);
});
