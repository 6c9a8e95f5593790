import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { commandLines } from "../../../../test/fixtures/command-lines.ts";
import { openHostEnvironment } from "./host-environment.ts";

async function openEnvironment(t: TestContext) {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(temporaryDirectory, { recursive: true, force: true }));
  const environment = await openHostEnvironment({
    temporaryDirectory,
    pathPrefix: ["/opt/first"],
    variables: { HTTPS_PROXY: "http://127.0.0.1:1" },
    sourceNumber: 123456789,
  });
  // A test that fails half way must not leave processes: they would keep this one from ending.
  t.after(() => environment.close());
  const run = async (script: string, signal = new AbortController().signal) => {
    const file = join(environment.temporaryDirectory, "script.sh");
    writeFileSync(file, script);
    let output = "";
    const status = await environment.run({
      shell: "sh",
      file,
      variables: environment.variables,
      signal,
      onOutput: (chunk) => {
        output += chunk;
      },
    });
    return { status, output };
  };
  return { environment, run, temporaryDirectory };
}

test("commands see a clean environment, a private home and the standard path", async (t) => {
  const { environment, run } = await openEnvironment(t);
  const { output } = await run("env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo $PATH; echo $HOME; pwd");
  const [names, path, home] = output.split("\n");
  assert.deepEqual(
    names?.split(" ").filter((name) => !["", "PWD", "OLDPWD", "SHLVL", "_"].includes(name)),
    ["CHUBO_BUILD_DIRECTORY", "HOME", "HTTPS_PROXY", "LANG", "PATH", "TMPDIR"],
  );
  assert.equal(path, "/opt/first:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  assert.equal(statSync(home ?? "").mode & 0o777, 0o700);
  assert.match(environment.sourceDirectory, /\/chubo-\w{6}\/codebuild\/output\/src123456789\/src$/);
  await environment.close();
});

test("the exit status of a command is its own, or 128 and its signal", async (t) => {
  const { environment, run } = await openEnvironment(t);
  assert.equal((await run("exit 42")).status, 42);
  assert.equal((await run("kill -KILL $$")).status, 137);
  await environment.close();
});

test("closing removes the directory, read-only parts included", async (t) => {
  const { environment, run, temporaryDirectory } = await openEnvironment(t);
  const { status } = await run(
    `cd ${environment.sourceDirectory} && mkdir -p a/b && touch a/b/c && chmod 0400 a/b/c && chmod 0500 a/b a`,
  );
  assert.equal(status, 0);
  await environment.close();
  assert.deepEqual(readdirSync(temporaryDirectory), []);
});

/** Sleeps of this test process alone: the same tests may run in another one beside it. */
const nap = (number: number) => `sleep ${process.pid}${number}`;
const napping = () =>
  commandLines()
    .filter((line) => [1, 2, 3, 4, 5, 6].some((number) => line === nap(number)))
    .sort();

const linux = { skip: process.platform !== "linux" };

test("a command in the background does not hold up the next, and is ended with the environment", linux, async (t) => {
  const { environment, run } = await openEnvironment(t);
  const { status, output } = await run(`${nap(1)} & ${nap(2)} & setsid ${nap(3)} & env -i ${nap(4)} & echo on`);
  assert.deepEqual({ status, output }, { status: 0, output: "on\n" });
  assert.equal(napping().length, 4);
  await environment.close();
  assert.deepEqual(napping(), []);
});

test("stopping ends the whole group, also where it ignores SIGTERM", linux, async (t) => {
  const { environment, run } = await openEnvironment(t);
  const end = new AbortController();
  const ready = join(environment.temporaryDirectory, "ready");
  const running = run(`trap '' TERM; ${nap(5)} & touch ${ready}; ${nap(6)}; wait`, end.signal);
  while (!readdirSync(environment.temporaryDirectory).includes("ready")) await new Promise(setImmediate);
  end.abort();
  assert.equal((await running).status, 137);
  await environment.close();
  assert.deepEqual(napping(), []);
});

test("processes have the time to tidy up after SIGTERM", linux, async (t) => {
  const { environment, run, temporaryDirectory } = await openEnvironment(t);
  const file = join(temporaryDirectory, "tidied");
  await run(`(trap 'echo yes > ${file}; exit' TERM; touch ${file}; while :; do sleep 0.01; done) & `);
  while (!readdirSync(temporaryDirectory).includes("tidied")) await new Promise(setImmediate);
  await environment.close();
  assert.equal(readFileSync(file, "utf8"), "yes\n");
});
