// In a process of its own: what is measured is this process's memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, openTestAccount, testProject } from "../../builds/run-test-build.ts";

const gigabyte = 2 ** 30;
/** More than the chunks on their way and the garbage between two collections; far less than what is printed. */
const allowedGrowth = 200 * 2 ** 20;

const outputs = {
  "in lines": `yes 'a line such as builds print: correct-hors, and so on' | head -c ${gigabyte}`,
  "in one line": `head -c ${gigabyte} /dev/zero | tr '\\0' x`,
};

for (const [how, command] of Object.entries(outputs)) {
  test(`a command that prints 1 GB ${how} is logged whole, masked, and in flat memory`, async (t) => {
    let written = 0;
    const count = (text: string) => {
      written += text.length;
    };
    const ignore = () => undefined;
    const { codeBuild } = openTestAccount(t, {
      openLog: async () => ({ write: count, close: async () => undefined }),
      observer: { onBuildStart: ignore, onPhase: ignore, onNote: ignore, onLog: ignore },
    });
    const env = { "secrets-manager": { SECRET: "hub:password" } };
    const source = { type: "NO_SOURCE", buildspec: buildspecOf({ build: [command] }, { env }) };
    const before = process.resourceUsage().maxRSS * 1024;
    const { id } = codeBuild.start(testProject({ source, artifacts: { type: "NO_ARTIFACTS" } }), {}, {});
    const build = await codeBuild.ended(id);
    assert.equal(build.status, "SUCCEEDED");
    assert.ok(written > gigabyte && written < gigabyte + 10_000, `${written} characters`);
    const growth = process.resourceUsage().maxRSS * 1024 - before;
    assert.ok(growth < allowedGrowth, `${Math.round(growth / 2 ** 20)} MB more`);
  });
}
