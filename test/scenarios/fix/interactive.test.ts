// `chubo fix --interactive` at a pseudo-terminal.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { repository, runChubo, temporaryDirectory } from "../run-chubo.ts";
import { openTerminalSession } from "../terminal-session.ts";

const dockerfile = "FROM node:22 AS build\nRUN make\n\nFROM httpd:2.4\nCOPY --from=nginx:1.27 /a /b\n";
const moved = (name: string) => dockerfile.replace(name, `public.ecr.aws/docker/library/${name}`);

function openFix(t: TestContext, variables = "") {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "Dockerfile"), dockerfile);
  const words = ["fix", "--remedy", "ecr-public", "--interactive"];
  const session = openTerminalSession(t, words, { directory, variables, afterwards: "stty -a; ls -A" });
  const answer = async (text: string, question: number) => {
    await session.waitFor("[y,n,a,q,?]?", question);
    session.child.stdin?.write(text);
  };
  return { ...session, answer, read: () => readFileSync(join(directory, "Dockerfile"), "utf8") };
}

/** Whole lines are read, Ctrl-C interrupts, and what is typed is shown. */
function assertUsable(shown: string): void {
  for (const setting of ["icanon", "isig", "echo"]) assert.match(shown, new RegExp(`[ \\n]${setting} `));
}

test("each change is shown in colour with its context and asked for; only the accepted ones are written", async (t) => {
  const { answer, waitFor, shown, read } = openFix(t);
  await answer("n\r", 1);
  await answer("?\r", 2);
  await answer("y\r", 3);
  await answer("n\r", 4);
  await waitFor("the end");
  assert.match(shown(), /\(1\/3\) Make this change/);
  assert.ok(shown().includes("\u001b[32m+FROM public.ecr.aws/docker/library/httpd:2.4\u001b[39m"));
  assert.ok(shown().includes("\u001b[31m-FROM httpd:2.4\u001b[39m"));
  assert.match(shown(), /^ RUN make\r$/m);
  assert.match(shown(), /a - make this change and all that follow/);
  assert.match(shown(), /mended.* Dockerfile\r\nstatus 0\r/);
  assert.equal(read(), moved("httpd:2.4"));
  assertUsable(shown());
});

test("q writes what was accepted and says so, a takes all that follow, and NO_COLOR is heeded", async (t) => {
  const first = openFix(t, "NO_COLOR=1");
  await first.answer("y\r", 1);
  await first.answer("q\r", 2);
  await first.waitFor("the end");
  assert.match(first.shown(), /what was accepted is written, the rest is left:\r\nmended Dockerfile\r\nstatus 0\r/);
  for (const colour of ["\u001b[31m", "\u001b[32m", "\u001b[36m"]) assert.ok(!first.shown().includes(colour));
  assert.equal(first.read(), moved("node:22"));
  const second = openFix(t);
  await second.answer("n\r", 1);
  await second.answer("a\r", 2);
  await second.waitFor("the end");
  const both = moved("httpd:2.4").replace("nginx:", "public.ecr.aws/docker/library/nginx:");
  assert.equal(second.read(), both);
});

test("Ctrl-C changes nothing, says so and ends with 130; nothing accepted is no failure", async (t) => {
  const interrupted = openFix(t);
  await interrupted.answer("y\r", 1);
  await interrupted.answer("\u0003", 2);
  await interrupted.waitFor("the end");
  assert.match(interrupted.shown(), /interrupted; nothing was changed\r\nstatus 130\r/);
  assert.equal(interrupted.read(), dockerfile);
  assertUsable(interrupted.shown());
  const declined = openFix(t);
  // The end of the input: nobody is there any more.
  await declined.answer("\u0004", 1);
  await declined.waitFor("the end");
  assert.match(declined.shown(), /nothing was changed\r\nstatus 0\r/);
  assert.equal(declined.read(), dockerfile);
});

test("secret, permission, variables and command of a login are one question", async (t) => {
  const directory = temporaryDirectory(t);
  cpSync(join(repository, "examples", "docker-hub-limit"), directory, { recursive: true });
  rmSync(join(directory, "with-login.yml"));
  const words = ["fix", "--source", "app", "--remedy", "login", "--interactive"];
  const session = openTerminalSession(t, words, { directory });
  await session.waitFor("(1/1) Make this change");
  for (const text of ["NoEcho", "GetSecretValue", "SECRETS_MANAGER", "docker login"]) {
    assert.ok(session.shown().includes(text), text);
  }
  session.child.stdin?.write("y\r");
  await session.waitFor("the end");
  assert.match(session.shown(), /mended/);
});

test("without a terminal it is refused, and nothing is written", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "Dockerfile"), dockerfile);
  const words = ["fix", directory, "--remedy", "ecr-public", "--interactive"];
  const outcome = await runChubo(words, { input: "y\ny\ny\n" });
  assert.equal(outcome.status, 2);
  assert.match(outcome.stderr, /--interactive asks at a terminal, and there is none.*CHECK_INTERACTIVE/);
  assert.equal((await runChubo([...words, "--json"])).status, 2);
  assert.equal(readFileSync(join(directory, "Dockerfile"), "utf8"), dockerfile);
});
