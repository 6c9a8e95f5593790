#!/usr/bin/env node
// Starts Chubo on the Node 24 that npm installed beside it, whatever Node the system has: dist/chubo.js where that is made
// of the sources as they are, else src/main.ts.
if (Number(process.versions.node.split(".")[0]) >= 24) {
  const [v8, nodeModule, { join }] = ["node:v8", "node:module", "node:path"].map(process.getBuiltinModule);
  // The heap of the young starts at 1 MB and doubles: loading alone fills it eight times.
  v8.setFlagsFromString("--semi-space-growth-factor=16");
  nodeModule.enableCompileCache();
  const { bundleFile, isBundleCurrent } = await import("./bundle.js");
  if (isBundleCurrent(join(import.meta.dirname, ".."))) {
    const { showSourcePositions } = await import("./source-positions.js");
    showSourcePositions(join(import.meta.dirname, "..", bundleFile));
    await import("../dist/chubo.js");
  } else {
    nodeModule.registerHooks({ resolve: resolveRelative });
    await import("../src/main.ts");
  }
} else {
  await import("./run-on-node-24.js");
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
