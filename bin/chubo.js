#!/usr/bin/env node
// Starts src/main.ts on the Node 24 that npm installed beside it, whatever Node the system has.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";

if (Number(process.versions.node.split(".")[0]) >= 24) {
  // The heap of the young starts at 1 MB and doubles: loading alone fills it eight times.
  setFlagsFromString("--semi-space-growth-factor=16");
  nodeModule.enableCompileCache();
  nodeModule.registerHooks({ resolve: resolveRelative });
  await import("../src/main.ts");
} else {
  runOnNode24();
}

/**
 * A relative import of these sources, or within `yaml`, names its file in full: no search, no realpath, no scope of a
 * package. With some three hundred files that is 30 ms of each start.
 */
function resolveRelative(specifier, context, nextResolve) {
  if (specifier.startsWith(".")) {
    const url = new URL(specifier, context.parentURL).href;
    if (url.endsWith(".ts")) return { url, format: "module-typescript", shortCircuit: true };
    if (url.includes("/yaml/dist/") && url.endsWith(".js")) return { url, format: "commonjs", shortCircuit: true };
  }
  return nextResolve(specifier, context);
}

function runOnNode24() {
  const require = nodeModule.createRequire(import.meta.url);
  const node = join(dirname(require.resolve("node/package.json")), "bin", "node");
  if (!existsSync(node)) {
    console.error("chubo needs Node 24 or later. `npm install` in its directory brings it.");
    process.exit(70);
  }
  // Arguments may hold passwords: they go through a pipe, so that they stand in no child's command line.
  const child = spawn(node, [import.meta.filename], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, CHUBO_ARGUMENTS_FD: "3" },
  });
  child.stdio[3].on("error", () => {});
  child.stdio[3].end(JSON.stringify(process.argv.slice(2)));
  process.title = "chubo";
  // A terminal's Ctrl-C reaches both; this process waits for the other's orderly end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
