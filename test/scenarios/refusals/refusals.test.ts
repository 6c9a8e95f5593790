// What stands in the way of a run is told with exit status 2, a code and a hint, before anything is made.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";
import { writeOneProject } from "../one-project.ts";
import { collectOutcome, type Outcome, repository, runChubo, temporaryDirectory } from "../run-chubo.ts";

const source = ["--source", join(repository, "docs")];

async function busyPort(t: TestContext): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return String((server.address() as { port: number }).port);
}

function assertRefused(outcome: Outcome, code: string, hint: RegExp): void {
  assert.equal(outcome.status, 2, outcome.stderr);
  assert.match(outcome.stderr, new RegExp(`\\b${code}\\b`));
  assert.match(outcome.stderr, hint);
  assert.equal(outcome.stdout, "");
  assert.doesNotMatch(outcome.stderr, /^Stack |internal error/m);
}

test("chubo up on a port that another program holds is refused", async (t) => {
  const outcome = await runChubo(["up", "--port", await busyPort(t), "--state", temporaryDirectory(t)]);
  assertRefused(outcome, "CONFIG_PORT_BUSY", /another port with --port N/);
});

test("chubo run on a port that it was told to take and that is busy is refused", async (t) => {
  const directory = temporaryDirectory(t);
  const template = writeOneProject(directory, { commands: ["true"] });
  const place = ["--port", await busyPort(t), "--state", join(directory, "state"), "--environment", "host"];
  const outcome = await runChubo(["run", template, ...source, ...place, "--json"]);
  assertRefused(outcome, "CONFIG_PORT_BUSY", /another port with --port N/);
});

/** Runs chubo where no dockerd and no podman can be found: in a mount namespace in which they are no programs. */
function runWithoutEngines(words: readonly string[]): Promise<Outcome> {
  const engines = ["dockerd", "podman"].flatMap((name) => findPrograms(name, programPath(process.env.PATH ?? "")));
  const script = `program=$1; shift; for file in ${engines.join(" ")}; do mount --bind /dev/null $file; done; exec "$program" "$@"`;
  const chubo = [process.execPath, join(repository, "bin", "chubo.js"), ...words, ...source, "--json"];
  return collectOutcome(spawn("unshare", ["--mount", "sh", "-ec", script, "sh", ...chubo]));
}

const notRoot = process.getuid?.() === 0 ? false : "hiding an engine needs root";

for (const [named, project, options] of [
  ["a privileged build", { privileged: true }, []],
  ["a build in a container", { image: "httpd:2.4" }, ["--environment", "container"]],
] as const) {
  test(`${named} without a container engine is refused`, { skip: notRoot }, async (t) => {
    const directory = temporaryDirectory(t);
    const template = writeOneProject(directory, { commands: ["true"], ...project });
    const outcome = await runWithoutEngines(["run", template, "--state", join(directory, "state"), ...options]);
    assertRefused(outcome, "CONTAINERS_ENGINE_MISSING", /apt-get install docker\.io/);
  });
}

test("a build that needs no engine runs without one", { skip: notRoot }, async (t) => {
  const directory = temporaryDirectory(t);
  const template = writeOneProject(directory, { commands: ["true"] });
  const outcome = await runWithoutEngines(["run", template, "--state", join(directory, "state")]);
  assert.equal(outcome.status, 0, outcome.stderr);
});
