// Several builds in the one engine of a process, which none of them has access to.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEnvironment } from "../../../src/services/codebuild/environment/environment.ts";
import { repository } from "../run-chubo.ts";
import { readMachineState } from "./machine-state.ts";
import { makeContext, openInEngine, path, skip, startPlainEngine } from "./plain-container.ts";

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), "chubo-shr-"));
  if (!skip) makeContext(root);
});
after(() => rmSync(root, { recursive: true }));

function start(environment: BuildEnvironment, script: string, variables: Record<string, string> = {}) {
  writeFileSync(join(environment.local.temporaryDirectory, "script.sh"), script);
  const end = new AbortController();
  let output = "";
  const file = `${environment.temporaryDirectory}/script.sh`;
  const onOutput = (chunk: Buffer) => {
    output += chunk;
  };
  const all = { ...environment.variables, ...variables };
  const status = environment.run({ shell: "sh", file, variables: all, onOutput, signal: end.signal });
  return { end, output: () => output, status };
}

async function run(environment: BuildEnvironment, script: string, variables: Record<string, string> = {}) {
  const started = start(environment, script, variables);
  return { status: await started.status, output: started.output() };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(20);
}

test("two builds at once in one engine see nothing of each other, and end apart", {
  skip,
  timeout: 60_000,
}, async () => {
  const machine = readMachineState(root);
  const engine = await startPlainEngine(root, "one");
  const docker = (...words: string[]) =>
    execFileSync("docker", words, { env: { ...engine.environment, PATH: path }, encoding: "utf8" });
  try {
    const [first, second] = await Promise.all(["a", "b"].map((name) => openInEngine(root, name, { engine })));
    assert.ok(first !== undefined && second !== undefined);
    const long = start(first, "echo secret >/of-the-first; echo up; sleep 1234", { TOKEN: "of-the-first" });
    await until(() => long.output() === "up\n");
    const script = `ps; ls -d /of-the-first /codebuild/output/* /codebuild/output/tmp/*; cat /proc/[0-9]*/environ
      ls /var/run/docker.sock /run/docker.sock; kill -9 -1; echo alive`;
    const { output } = await run(second, script);
    assert.doesNotMatch(output, /sleep 1234|TOKEN/);
    assert.match(output, /ls: \/of-the-first: No such file/);
    assert.match(output, /ls: \/var\/run\/docker\.sock: No such file/);
    assert.match(output, /alive\n$/);
    const stopped = start(second, "echo up; sleep 1000");
    await until(() => stopped.output() === "up\n");
    stopped.end.abort();
    assert.equal(await stopped.status, 143);
    await second.close();
    // The engine removes a container that has ended in its own time.
    await until(() => docker("ps", "-aq").trim().split("\n").length === 1);
    long.end.abort();
    assert.equal(await long.status, 143);
    assert.equal((await run(first, "cat /of-the-first")).output, "secret\n");
    await first.close();
    await until(() => docker("ps", "-aq") === "");
  } finally {
    await engine.stop();
  }
  assert.deepEqual(readMachineState(root), machine);
});

test("commands that end everything in their container, or close all that they have, are told by their status", {
  skip,
}, async () => {
  const engine = await startPlainEngine(root, "two");
  try {
    const environment = await openInEngine(root, "c", { engine });
    assert.deepEqual(await run(environment, "echo before; kill -9 $PPID; echo after"), {
      status: 0,
      output: "before\nafter\n",
    });
    assert.deepEqual(await run(environment, "exec <&- >&- 2>&-; kill -9 -1; exit 5"), { status: 5, output: "" });
    assert.deepEqual(await run(environment, "echo $ODD $UID", { UID: "4242", ODD: "by the engine" }), {
      status: 0,
      output: "by the engine 4242\n",
    });
    const { status, output } = await run(environment, "dd if=/dev/zero bs=1M count=50 2>/dev/null; echo; exit 9");
    assert.deepEqual([status, output.length], [9, 50 * 1024 ** 2 + 1]);
    await environment.close();
  } finally {
    await engine.stop();
  }
});

test("nothing is left of a build in a container whose process is killed", { skip, timeout: 60_000 }, async (t) => {
  const machine = readMachineState(root);
  const directory = join(root, "k");
  mkdirSync(directory);
  writeFileSync(
    join(directory, "buildspec.yml"),
    "version: 0.2\nphases:\n  build:\n    commands:\n      - echo running; sleep 4321\n",
  );
  const words = ["build", "--environment", "container", "--engine", "docker", "--image", "busybox:latest"];
  const options = ["--hub", "simulated", "--output", "full"];
  const child = spawn(process.execPath, [join(repository, "bin", "chubo.js"), ...words, ...options], {
    ...{ cwd: directory, env: { ...process.env, TMPDIR: root }, detached: true },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.exitCode ?? child.signalCode ?? process.kill(-(child.pid ?? 0), "SIGKILL");
  t.after(kill);
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  await until(() => /^running$/m.test(said) || child.exitCode !== null);
  assert.match(said, /^running$/m);
  assert.notDeepEqual(readMachineState(root), machine);
  kill();
  await once(child, "exit");
  for (let attempt = 0; attempt < 100; attempt++) {
    if (JSON.stringify(readMachineState(root)) === JSON.stringify(machine)) break;
    await delay(50);
  }
  assert.deepEqual(readMachineState(root), machine);
});
