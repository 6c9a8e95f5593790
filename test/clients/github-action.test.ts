// The commands of action.yml, in bash, with what GitHub would put into them. Nothing here runs GitHub's own runner: steps
// that use other actions are not run. https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { parse } from "yaml";
import { writeRepository } from "../fixtures/check-repository.ts";
import { runProgram } from "../fixtures/chubo-gateway.ts";
import { copyRepository } from "../fixtures/repository-copy.ts";

interface ActionStep {
  id?: string;
  uses?: string;
  if?: string;
  shell?: string;
  env?: Record<string, string>;
  run?: string;
  with?: { sarif_file?: string };
}

interface Action {
  inputs: Record<string, { description: string; default: string }>;
  runs: { using: string; steps: ActionStep[] };
}

interface Job {
  status: number;
  log: string;
  sarif: string;
}

const action: Action = parse(readFileSync(join(import.meta.dirname, "../../action.yml"), "utf8"));

/** `${{ a.b }}`, by what the contexts hold; anything else in braces is a mistake of the test or the file. */
function expand(text: string, contexts: Record<string, string>): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
    const value = contexts[name];
    assert.ok(value !== undefined, `no context has ${name}`);
    return value;
  });
}

/** Runs the steps one after the other, as GitHub does for `shell: bash`, until one fails; `isInstalled` leaves out `npm ci`. */
async function runJob(
  t: TestContext,
  options: { actionPath: string; workspace: string; inputs?: Record<string, string>; isInstalled?: true },
): Promise<Job> {
  const temporary = mkdtempSync(join(tmpdir(), "chubo-action-"));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const { actionPath, workspace, inputs = {} } = options;
  const given = Object.entries(action.inputs).map(([name, input]) => [`inputs.${name}`, inputs[name] ?? input.default]);
  const paths = { "github.action_path": actionPath, "runner.temp": temporary };
  const contexts: Record<string, string> = { ...Object.fromEntries(given), ...paths };
  const output = join(temporary, "output");
  const sarif = join(temporary, "chubo.sarif");
  let log = "";
  for (const step of action.runs.steps) {
    if (step.run === undefined || (options.isInstalled && step.run.startsWith("npm ci "))) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value, contexts)]);
    writeFileSync(output, "");
    writeFileSync(join(temporary, "step.sh"), step.run);
    const runner = { RUNNER_TEMP: temporary, GITHUB_OUTPUT: output, npm_config_update_notifier: "false" };
    const env = { ...process.env, ...runner, ...Object.fromEntries(own) };
    const words = ["--noprofile", "--norc", "-eo", "pipefail", join(temporary, "step.sh")];
    const { code, stdout, stderr } = await runProgram("bash", words, { env, cwd: workspace });
    log += stdout + stderr;
    for (const [, name = "", value = ""] of readFileSync(output, "utf8").matchAll(/^(\w+)=(.*)$/gm)) {
      contexts[`steps.${step.id}.outputs.${name}`] = value;
    }
    if (code !== 0) return { status: code, log, sarif };
  }
  return { status: 0, log, sarif };
}

const files = {
  "app/Dockerfile": "FROM httpd:2.4\n",
  "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build app\n",
};

describe("the action", () => {
  test("takes inputs by the environment alone, so that none of them is run, and names each that it has", () => {
    assert.equal(action.runs.using, "composite");
    for (const { run = "", shell, uses } of action.runs.steps) {
      assert.ok(!run.includes("${{"), run);
      assert.equal(shell, uses === undefined ? "bash" : undefined);
    }
    const text = JSON.stringify(action.runs);
    for (const name of Object.keys(action.inputs)) assert.ok(text.includes(`inputs.${name}`), name);
    const upload = action.runs.steps.find(({ uses = "" }) => uses.startsWith("github/codeql-action/upload-sarif@"));
    assert.equal(upload?.if, "inputs.upload == 'true'");
    assert.equal(upload?.with?.sarif_file, ["$", "{{ runner.temp }}/chubo.sarif"].join(""));
  });

  test("installs itself, annotates the lines, leaves the SARIF to upload, and fails the job", async (t) => {
    const actionPath = copyRepository(t);
    const workspace = writeRepository(t, files);
    const failed = await runJob(t, { actionPath, workspace });
    const run = (inputs: Record<string, string>) => runJob(t, { actionPath, workspace, inputs, isInstalled: true });
    assert.equal(failed.status, 1, failed.log);
    assert.match(failed.log, /^::error file=app\/Dockerfile,line=1,endLine=1,col=6,endColumn=14,title=CHUBO001::/m);
    const [analysis] = JSON.parse(readFileSync(failed.sarif, "utf8")).runs;
    assert.deepEqual(
      analysis.results.map(({ ruleId }: { ruleId: string }) => ruleId),
      ["CHUBO001"],
    );

    const tolerant = await run({ "fail-on": "never" });
    assert.equal(tolerant.status, 0, tolerant.log);
    assert.match(tolerant.log, /^::error file=app\/Dockerfile/m);

    const wrong = await run({ "fail-on": "$(touch /tmp/run)" });
    assert.equal(wrong.status, 2, wrong.log);

    const baseline = join(workspace, "known.json");
    const words = [join(actionPath, "bin", "chubo.js"), "check", workspace, "--source", join(workspace, ".")];
    await runProgram(process.execPath, [...words, "--baseline", baseline, "--write-baseline"], { cwd: workspace });
    const known = await run({ baseline: "known.json" });
    assert.equal(known.status, 0, known.log);
  });
});
