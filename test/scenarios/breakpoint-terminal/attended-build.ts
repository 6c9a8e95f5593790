// Runs one build with a breakpoint, whose shell is on this process's own terminal; prints the build's log in the end.
import type { TestContext } from "node:test";
import { buildspecOf, openTestAccount, testProject } from "../../builds/run-test-build.ts";

const ends: (() => unknown)[] = [];
const opened = openTestAccount({ after: (end: () => unknown) => void ends.push(end) } as unknown as TestContext);
const command = "cd /; X='two words'; codebuild-breakpoint; echo went on in $(pwd)";
const source = { type: "NO_SOURCE", buildspec: buildspecOf({ build: [command] }) };
const { id } = opened.codeBuild.start(
  testProject({ source, artifacts: { type: "NO_ARTIFACTS" } }),
  { debugSessionEnabled: true },
  {
    attendant: {
      async onBreakpoint(point) {
        console.log("a shell opens");
        const status = await point.openShell({ stdio: [0, 1, 2], isTty: true }, process.env.TERM ?? "dumb");
        console.log(`the shell ended with ${status}`);
      },
    },
  },
);
const build = await opened.codeBuild.ended(id);
console.log(opened.log);
console.log(`the build is ${build.status}`);
for (const end of ends.reverse()) await end();
