#!/usr/bin/env node
// Starts Chubo on the Node 24 that npm installed beside it, whatever Node the system has: the bundle where it is made of the
// sources as they are, else src/main.ts. CommonJS, because Node begins sooner with it.
const servers = ["up", "gateway", "hub"];
/**
 * A server's heap grows slowly. Under load V8 would let 58 MB of young objects come together and 40 of old ones, for
 * little: docs/performance.md. The old heap may grow by three quarters between two collections; with less, a cold pull feels
 * them. Only servers set flags: V8 then refuses the code cache of Node's own modules, which takes longer than a flag saves a run.
 */
const serverFlags = "--semi-space-growth-factor=1 --heap-growing-percent=75";
/** Those that load much have a code cache of their own; the others share one. */
const cachedCommands = [...servers, "run", "build", "check", "fix"];

if (Number(process.versions.node.split(".")[0]) >= 24) {
  start();
} else {
  require("./run-on-node-24.js");
}

function start() {
  const nodeModule = require("node:module");
  const command = process.argv[2];
  if (servers.includes(command)) require("node:v8").setFlagsFromString(serverFlags);
  nodeModule.enableCompileCache();
  const bundle = require("./bundle.js").findCurrentBundle(require("node:path").dirname(__dirname));
  if (bundle !== undefined) {
    // The bundle's map is read with the first stack that is looked at; Node's --enable-source-maps reads it at each start.
    Error.prepareStackTrace = (error, frames) => require("./source-positions.js").formatStack(error, frames, bundle);
    // V8 takes no code that was compiled under other flags.
    require("./code-cache.js").runWithCodeCache(
      bundle,
      `${bundle}.${cachedCommands.includes(command) ? command : "other"}.cache`,
    );
  } else {
    nodeModule.registerHooks({ resolve: resolveRelative });
    import("../src/main.ts");
  }
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
