import { readFileSync } from "node:fs";
import { runProgram } from "./cli/program.ts";

const commandLine = takeCommandLine();
// Overwrites what `ps` shows: parameters on the command line may be passwords.
process.title = `chubo ${commandLine[0] ?? ""}`.trim();
for (const stream of [process.stdout, process.stderr]) stream.on("error", passOverGoneReader);
const status = runProgram(commandLine, {
  // Opened by whoever reads it: that takes 5 ms.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  variables: process.env,
  currentDirectory: process.cwd(),
});
// No await: the bundle is a CommonJS module, which has none at its top.
void status.then(exitWhenWritten);

/** As `chubo check | head` leaves it: the command goes on to its end and its exit status. */
function passOverGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** A pipe takes 64 KiB at once: the rest of a long answer would go with the process. */
function exitWhenWritten(code: number): void {
  const exit = () => process.exit(code);
  if (process.stdout.writableLength === 0) return exit();
  process.stdout.write("", exit);
}

/** bin/chubo.js hands the arguments over a pipe where it has to start another Node. */
function takeCommandLine(): string[] {
  const descriptor = process.env.CHUBO_ARGUMENTS_FD;
  if (descriptor === undefined) return process.argv.slice(2);
  delete process.env.CHUBO_ARGUMENTS_FD;
  return JSON.parse(readFileSync(Number(descriptor), "utf8")) as string[];
}
