import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import {
  type CommandRunner,
  formatVariables,
  openCommandRunner,
  runnerGreeting,
  runnerLoop,
} from "./command-runner.ts";
import { findPrograms, programPath } from "./find-program.ts";

/** The real loop in a shell of this machine, where it is not the first process. */
async function startRunner(t: TestContext, [program, ...words]: readonly string[] = ["/bin/sh"]) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-runner-"));
  const child = spawn(program ?? "/bin/sh", [...words, "-c", runnerLoop], {
    env: { PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  });
  const [greeting] = await once(child.stdout, "data");
  assert.equal(String(greeting), runnerGreeting);
  const runner = openCommandRunner(child);
  const run = async (script: string, variables: Record<string, string> = {}) => {
    const [file, variablesFile] = [join(directory, "script.sh"), join(directory, "export.sh")];
    writeFileSync(file, script);
    writeFileSync(variablesFile, formatVariables(variables) ?? assert.fail("the shell cannot set these"));
    const chunks: Buffer[] = [];
    const onOutput = (chunk: Buffer) => void chunks.push(Buffer.from(chunk));
    const status = await runner.run({ shell: "/bin/sh", file, variablesFile, onOutput });
    return { status, output: Buffer.concat(chunks).toString("latin1") };
  };
  return { run, runner };
}

/** What images have under the name sh. Bash reads its start-up file where its input is a socket, as Node's pipes are. */
for (const words of [["/bin/sh"], ["bash", "--norc", "--posix"], ["busybox", "sh"]]) {
  const [program = ""] = words;
  const skip = findPrograms(program, programPath("")).length > 0 || program === "/bin/sh" ? false : `needs ${program}`;
  test(`with ${words.join(" ")} commands run one after another and carry nothing over`, { skip }, async (t) => {
    const { run } = await startRunner(t, words);
    await assertApart(run);
  });
}

type Run = Awaited<ReturnType<typeof startRunner>>["run"];

async function assertApart(run: Run): Promise<void> {
  assert.deepEqual(await run("printf no-newline; cd /; A=1; exit 7"), { status: 7, output: "no-newline" });
  const pwd = { status: 0, output: `${process.cwd()}|\n` };
  assert.deepEqual(await run('echo "$PWD|$A"'), pwd);
  assert.deepEqual(await run("echo err >&2; kill -9 $$"), { status: 137, output: "err\n" });
  assert.deepEqual(await run('printf "%s" "$A"', { A: `'x\n"$(y)` }), { status: 0, output: `'x\n"$(y)` });
}

test("a command finds its standard input empty, and may close all that it has open", async (t) => {
  const { run } = await startRunner(t);
  assert.deepEqual(await run("cat; echo read"), { status: 0, output: "read\n" });
  assert.deepEqual(await run("exec <&- >&- 2>&-; exit 3"), { status: 3, output: "" });
});

test("what a command leaves in the background does not hold it up", { timeout: 20_000 }, async (t) => {
  const { run } = await startRunner(t);
  const { status, output } = await run("sleep 30 & echo $!");
  t.after(() => process.kill(Number(output), "SIGKILL"));
  assert.equal(status, 0);
  assert.deepEqual(await run("echo next"), { status: 0, output: "next\n" });
});

test("variables hold any character, and none of them disturbs the loop", async (t) => {
  const { run } = await startRunner(t);
  const variables = { QUOTES: `'"$(false)\\`, LINES: "one\ntwo\n", file: "x", shell: "y", nonce: "z", _1: "全" };
  const script = 'printf "%s|" "$QUOTES" "$LINES" "$file" "$shell" "$nonce" "$_1"';
  const { output } = await run(script, variables);
  assert.equal(Buffer.from(output, "latin1").toString(), `${Object.values(variables).join("|")}|`);
  assert.deepEqual(await run('echo "$QUOTES$file"'), { status: 0, output: "\n" });
});

test("variables that a shell cannot set are left to the engine", () => {
  for (const name of ["a-b", "1a", "UID", "PPID", "BASH_ENV", "IFS"]) {
    assert.equal(formatVariables({ [name]: "x" }), undefined, name);
  }
});

test("no output looks like the end of a command: nobody finds the nonce", async (t) => {
  const { run } = await startRunner(t);
  const script = `tr '\\0' '\\n' </proc/$PPID/cmdline | grep -cE '[0-9a-f]{32}'
env | grep -cE '[0-9a-f]{32}'
echo 00000000000000000000000000000000 0`;
  assert.equal((await run(script)).output, `0\n0\n${"0".repeat(32)} 0\n`);
});

test("a command that kills the loop is told with what it has written", async (t) => {
  const { run } = await startRunner(t);
  assert.deepEqual(await run("echo before; kill -9 $PPID; sleep 0.1"), { status: undefined, output: "before\n" });
  assert.deepEqual(await run("echo never"), { status: undefined, output: "" });
});

test("every byte arrives, however the stream is cut", async () => {
  const output = Buffer.from("abc0123456789abcdefabcdef".repeat(40));
  for (const size of [1, 2, 3, 7, 31, 32, 33, 1000]) {
    const { runner, nonce, stdout } = openFakeLoop();
    const got: Buffer[] = [];
    const place = { shell: "/bin/sh" as const, file: "f", variablesFile: "v" };
    const running = runner.run({ ...place, onOutput: (chunk) => void got.push(Buffer.from(chunk)) });
    const id = await nonce;
    // Output that begins like the nonce is output.
    const bytes = Buffer.concat([output, Buffer.from(id.slice(0, 31)), Buffer.from(`!${id} 42\n`)]);
    for (let at = 0; at < bytes.length; at += size) stdout.write(bytes.subarray(at, at + size));
    assert.equal(await running, 42);
    assert.equal(Buffer.concat(got).toString(), `${output}${id.slice(0, 31)}!`, `in pieces of ${size}`);
  }
});

function openFakeLoop(): { runner: CommandRunner; nonce: Promise<string>; stdout: PassThrough } {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const nonce = once(stdin, "data").then(([line]) => String(line).split(" ")[0] as string);
  return { runner: openCommandRunner({ stdin, stdout }), nonce, stdout };
}
