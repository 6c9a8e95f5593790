import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type OneProject, writeOneProject } from "../one-project.ts";
import { collectOutcome, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

/** Everything that a run could leave on the machine: processes, mounts, network links, private directories. */
function machineState(temporary: string): string[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOurs(name));
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes("chubo"));
  const links = readdirSync("/sys/class/net").filter((name) => name.startsWith("chubo") || name.startsWith("docker"));
  // Node keeps its compile cache there, on purpose.
  const directories = readdirSync(temporary).filter((name) => name !== "node-compile-cache");
  return [...processes.map((pid) => `process ${pid}`), ...mounts, ...links, ...directories].sort();
}

function isOurs(pid: string): boolean {
  try {
    return /dockerd|containerd|sleep 98765/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
  } catch {
    return false;
  }
}

interface Run {
  template: string;
  state: string;
  environment?: string | undefined;
  /** Parent of its private directories. */
  temporary?: string;
}

function startRun(t: TestContext, { template, state, environment = "host", temporary = tmpdir() }: Run): ChildProcess {
  const words = ["run", template, "--source", join(repository, "docs"), "--state", state, "--hub", "simulated"];
  const program = [join(repository, "bin", "chubo.js"), ...words, "--environment", environment, "--json"];
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, program, { stdio: "pipe", env });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

function waitForText(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    child.on("close", () => reject(new Error(`ended before "${text}":\n${seen}`)));
  });
}

const kinds: { kind: string; project?: Partial<OneProject>; environment?: string }[] = [
  { kind: "a build" },
  { kind: "a privileged build", project: { privileged: true } },
  {
    kind: "a privileged build in a container",
    project: { privileged: true, image: "httpd:2.4" },
    environment: "container",
  },
];

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  for (const { kind, project, environment } of kinds) {
    test(`${signal} during ${kind} ends with 130 and leaves no process, mount, link or directory`, async (t) => {
      const [state, temporary] = [temporaryDirectory(t), temporaryDirectory(t)];
      const before = machineState(temporary);
      const commands = ["echo ready; sleep 98765 & sleep 98765"];
      const template = writeOneProject(temporaryDirectory(t), { commands, ...project });
      const child = startRun(t, { template, state, environment, temporary });
      const outcome = collectOutcome(child);
      await waitForText(child, "\nready\n");
      child.kill(signal);
      const { status, stderr } = await outcome;
      assert.equal(status, 130, stderr);
      assert.deepEqual(machineState(temporary), before);
      assert.equal(existsSync(join(state, "lock")), false);
    });
  }
}

test("a stack that fails leaves nothing of the engine that was started for its build", async (t) => {
  const [state, temporary, directory] = [temporaryDirectory(t), temporaryDirectory(t), temporaryDirectory(t)];
  const before = machineState(temporary);
  const template = writeOneProject(directory, { commands: ["true"], privileged: true });
  const document = JSON.parse(readFileSync(template, "utf8"));
  const twin = { Type: "AWS::ECR::Repository", Properties: { RepositoryName: "twin" } };
  Object.assign(document.Resources, { One: twin, Other: twin });
  writeFileSync(template, JSON.stringify(document));
  const { status, stderr } = await collectOutcome(startRun(t, { template, state, temporary }));
  assert.equal(status, 1, stderr);
  assert.match(stderr, /twin/);
  assert.deepEqual(machineState(temporary), before);
});

test("two runs at once in different state directories do not disturb each other", async (t) => {
  const commands = ["docker version --format '{{.Server.Version}}' && sleep 0.5 && docker info >/dev/null"];
  const template = writeOneProject(temporaryDirectory(t), { commands, privileged: true });
  const run = () =>
    runChubo(["run", template, "--source", join(repository, "docs"), "--state", temporaryDirectory(t), "--json"]);
  const outcomes = await Promise.all([run(), run()]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.equal(resultOf(outcome).status, "SUCCEEDED");
  }
});

test("a second run in a state directory that is in use is refused and leaves the first alone", async (t) => {
  const state = temporaryDirectory(t);
  const template = writeOneProject(temporaryDirectory(t), { commands: ["echo ready; sleep 2"] });
  const child = startRun(t, { template, state });
  const first = collectOutcome(child);
  await waitForText(child, "\nready\n");
  const second = await runChubo(["run", template, "--source", join(repository, "docs"), "--state", state]);
  assert.equal(second.status, 2);
  assert.match(second.stderr, /CONFIG_STATE_BUSY/);
  assert.equal((await first).status, 0);
});
