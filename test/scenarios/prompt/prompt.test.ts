// The question for a NoEcho parameter, at a pseudo-terminal that util-linux's `script` makes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { soundTemplate } from "../bad-input/bad-input.ts";
import { temporaryDirectory } from "../run-chubo.ts";
import { openTerminalSession, type TerminalSession } from "../terminal-session.ts";

/** Runs chubo, then tells the terminal's settings and what is in the directory. */
function openSession(t: TestContext): TerminalSession {
  const directory = temporaryDirectory(t);
  const template = soundTemplate
    .replace("Resources:", "  Password: { Type: String, NoEcho: true, Description: of the registry }\n$&")
    .concat("  Secret: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: !Ref Password } }\n");
  writeFileSync(join(directory, "template.yml"), template);
  return openTerminalSession(t, ["run", "template.yml"], { directory, afterwards: "stty -a; ls -A" });
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
