const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

const node = join(dirname(require.resolve("node/package.json")), "bin", "node");
if (!existsSync(node)) {
  console.error("chubo needs Node 24 or later. `npm install` in its directory brings it.");
  process.exit(70);
}
// Arguments may hold passwords: they go through a pipe, so that they stand in no child's command line.
const child = spawn(node, [join(__dirname, "chubo.js")], {
  stdio: ["inherit", "inherit", "inherit", "pipe"],
  env: { ...process.env, CHUBO_ARGUMENTS_FD: "3" },
});
child.stdio[3].on("error", () => {});
child.stdio[3].end(JSON.stringify(process.argv.slice(2)));
process.title = "chubo";
// A terminal's Ctrl-C reaches both; this process waits for the other's orderly end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
