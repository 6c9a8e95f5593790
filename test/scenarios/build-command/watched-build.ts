import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../fixtures/until.ts";
import { repository } from "../run-chubo.ts";

/** `chubo build --watch`, ended by Ctrl-C once it has built again for a new file `new.txt`: what it printed. */
export async function watchOneChange(t: TestContext, directory: string, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(repository, "bin", "chubo.js"), "build", "--watch", ...words], {
    ...{ cwd: directory, stdio: ["ignore", "pipe", "inherit"] },
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const rounds = () => text.split("watching for changes").length - 1;
  await until(() => rounds() === 1);
  writeFileSync(join(directory, "new.txt"), "x");
  await until(() => rounds() === 2);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  assert.equal(await ended, 130);
  return text;
}
