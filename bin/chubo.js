#!/usr/bin/env node
// Starts Chubo on the Node 24 that npm installed beside it, whatever Node the system has: the bundle where it is made of the
// sources as they are, else src/main.ts. CommonJS, because Node begins sooner with it.
/**
 * A server's heap grows slowly. Under load V8 would let 58 MB of young objects come together and 40 of old ones, for
 * little: docs/performance.md. The old heap may grow by three quarters between two collections; with less, a cold pull feels them.
 */
const serverFlags = ["--semi-space-growth-factor=1", "--heap-growing-percent=75"];
/** A build's loading fills the first megabyte of the young heap eight times: it grows at once. */
const buildFlags = ["--semi-space-growth-factor=16"];
/** Flags of V8 for a command. Those that are named here have a code cache of their own; the others share one. */
const heapFlags = new Map([
  ["run", buildFlags],
  ["build", buildFlags],
  ["up", serverFlags],
  ["gateway", serverFlags],
  ["hub", serverFlags],
  ["check", []],
  ["fix", []],
]);

if (Number(process.versions.node.split(".")[0]) >= 24) {
  start();
} else {
  require("./run-on-node-24.js");
}

function start() {
  const nodeModule = require("node:module");
  const command = process.argv[2];
  const flags = heapFlags.get(command);
  for (const flag of flags ?? []) require("node:v8").setFlagsFromString(flag);
  nodeModule.enableCompileCache();
  const bundle = require("./bundle.js").findCurrentBundle(require("node:path").dirname(__dirname));
  if (bundle !== undefined) {
    // The bundle's map is read with the first stack that is looked at; Node's --enable-source-maps reads it at each start.
    Error.prepareStackTrace = (error, frames) => require("./source-positions.js").formatStack(error, frames, bundle);
    // V8 takes no code that was compiled under other flags.
    require("./code-cache.js").runWithCodeCache(bundle, `${bundle}.${flags === undefined ? "other" : command}.cache`);
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
