#!/usr/bin/env node
// Starts Chubo on the Node 24 that npm installed beside it, whatever Node the system has: the bundle where it is made of the
// sources as they are, else src/main.ts. CommonJS, because Node begins sooner with it.
if (Number(process.versions.node.split(".")[0]) >= 24) {
  start();
} else {
  require("./run-on-node-24.js");
}

function start() {
  const nodeModule = require("node:module");
  // The heap of the young starts at 1 MB and doubles, up to 32. A run's loading alone fills it eight times; a server under
  // load makes it 58 MB of memory, and is as fast without.
  const growth = { run: 16, up: 1, gateway: 1, hub: 1 }[process.argv[2]];
  if (growth !== undefined) require("node:v8").setFlagsFromString(`--semi-space-growth-factor=${growth}`);
  nodeModule.enableCompileCache();
  const bundle = require("./bundle.js").findCurrentBundle(require("node:path").dirname(__dirname));
  if (bundle !== undefined) {
    // The bundle's map is read with the first stack that is looked at; Node's --enable-source-maps reads it at each start.
    Error.prepareStackTrace = (error, frames) => require("./source-positions.js").formatStack(error, frames, bundle);
    require("./code-cache.js").runWithCodeCache(bundle);
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
