// The question for a NoEcho parameter, at a pseudo-terminal that util-linux's `script` makes.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { soundTemplate } from "../bad-input/bad-input.ts";
import { repository, temporaryDirectory } from "../run-chubo.ts";

interface Session {
  child: ChildProcess;
  /** All that the terminal has shown so far. */
  shown(): string;
  waitFor(text: string): Promise<void>;
}

/** A shell at a terminal of its own: runs chubo, then tells its exit status and the terminal's settings. */
function openSession(t: TestContext): Session {
  const directory = temporaryDirectory(t);
  const template = soundTemplate
    .replace("Resources:", "  Password: { Type: String, NoEcho: true, Description: of the registry }\n$&")
    .concat("  Secret: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: !Ref Password } }\n");
  writeFileSync(join(directory, "template.yml"), template);
  const chubo = `'${process.execPath}' '${join(repository, "bin", "chubo.js")}' run template.yml`;
  // Made from pipes it has no size, and the question would have no room.
  const command = `stty cols 100 rows 30; ${chubo}; echo "status $?"; stty -a; ls -A; echo the end`;
  const child = spawn("script", ["--quiet", "--command", command, "/dev/null"], { cwd: directory });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  let onText = () => {};
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    onText();
  });
  const waitFor = (awaited: string) =>
    new Promise<void>((resolve, reject) => {
      onText = () => text.includes(awaited) && resolve();
      child.on("close", () => reject(new Error(`ended before "${awaited}":\n${text}`)));
      onText();
    });
  return { child, shown: () => text, waitFor };
}

/** Whole lines are read, Ctrl-C interrupts, and what is typed is shown. */
function assertUsable(shown: string): void {
  for (const setting of ["icanon", "isig", "echo"]) assert.match(shown, new RegExp(`[ \\n]${setting} `));
}

test("a NoEcho parameter is asked for without showing what is typed, in the prompt or later", async (t) => {
  const { child, shown, waitFor } = openSession(t);
  await waitFor("Password (of the registry)");
  child.stdin?.write("hunter2\r");
  await waitFor("the end");
  assert.match(shown(), /✓.*AWS::SecretsManager::Secret/);
  assert.doesNotMatch(shown(), /hunter2/);
  // The source holds no buildspec.
  assert.match(shown(), /status 1\r/);
  assertUsable(shown());
});

test("Ctrl-C at the question ends with 130, nothing made and the terminal as it was", async (t) => {
  const { child, shown, waitFor } = openSession(t);
  await waitFor("Password (of the registry)");
  child.stdin?.write("hunt\u0003");
  await waitFor("the end");
  // No state directory.
  assert.match(shown(), /\r\ntemplate\.yml\r\nthe end\r\n$/);
  assert.match(shown(), /interrupted; nothing was made\r\nstatus 130\r/);
  assert.doesNotMatch(shown(), /hunt/);
  assertUsable(shown());
  // The cursor was hidden for no longer than the question.
  assert.ok(shown().lastIndexOf("\u001b[?25h") >= shown().lastIndexOf("\u001b[?25l"));
});
