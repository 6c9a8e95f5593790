// What a command of a build costs over a bare `sh -c`: 100 times `true` in a host build, and by this very process, in turn.
// `node bench/command-overhead.ts [--repetitions N]`
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHostEnvironment } from "../src/services/codebuild/environment/host-environment.ts";
import { openShellSession } from "../src/services/codebuild/shell/shell-command.ts";
import { alternate, readRepetitions } from "./alternate.ts";

const commands = 100;
const repetitions = readRepetitions(process.argv.slice(2), 9);
const directory = mkdtempSync(join(tmpdir(), "chubo-bench-"));
mkdirSync(directory, { recursive: true });
const environment = await openHostEnvironment({
  ...{ temporaryDirectory: directory, pathPrefix: [], variables: {}, sourceNumber: 123456789 },
});
try {
  const shell = openShellSession(environment, { shell: "sh", version: "0.2" });
  // As many variables as a build has.
  const variables = { ...environment.variables };
  for (let index = 0; index < 30; index++) variables[`CODEBUILD_VARIABLE_${index}`] = `value ${index}`;
  const { signal } = new AbortController();
  const results = await alternate(
    {
      build: () => each(() => shell.run("true", { variables, succeeding: true, onOutput: () => undefined, signal })),
      bare: () => each(() => bare(variables)),
    },
    repetitions,
  );
  const [build, plain] = [results.build.command as number, results.bare.command as number];
  console.log(`medians of ${repetitions} alternating runs of ${commands} commands, Node ${process.version}`);
  console.log(`a command of a build  ${build.toFixed(2)} ms`);
  console.log(`sh -c true            ${plain.toFixed(2)} ms`);
  console.log(`overhead ${(build - plain).toFixed(2)} ms; goal: 6 ms or less`);
} finally {
  await environment.close();
  rmSync(directory, { recursive: true, force: true });
}

async function each(work: () => Promise<number>): Promise<Record<string, number>> {
  const start = performance.now();
  for (let index = 0; index < commands; index++) {
    const status = await work();
    if (status !== 0) throw new Error(`true failed: ${status}`);
  }
  return { command: (performance.now() - start) / commands };
}

function bare(env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", "true"], { env, stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.resume();
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
}
