import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { runProgram } from "./program.ts";

async function scriptFor(shell: string): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const status = await runProgram(["completion", shell], {
    stdin,
    stdout,
    stderr,
    variables: {},
    currentDirectory: "/",
  });
  assert.equal(status, 0);
  return String(stdout.read());
}

/** What bash would offer after these words, of which the last is being typed. */
function offered(script: string, ...words: string[]): string[] {
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _chubo; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", `${script}\n${ask}`, "bash", "chubo", ...words], { encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

test("bash completes commands, subcommands, options and the values of options", async () => {
  const script = await scriptFor("bash");
  assert.deepEqual(offered(script, "bui"), ["build"]);
  assert.deepEqual(offered(script, "gateway", "pre"), ["prefetch"]);
  assert.deepEqual(offered(script, "build", "--wat"), ["--watch"]);
  assert.deepEqual(offered(script, "build", "--engine", ""), ["auto", "docker", "podman"]);
  // A template that is named like a command is none.
  assert.deepEqual(offered(script, "run", "check", "--parameters"), ["--parameters-file"]);
});

test("zsh and fish get scripts of the same words", async () => {
  assert.match(await scriptFor("zsh"), /^#compdef chubo$[\s\S]*"gateway prefetch"\) compadd -- /m);
  assert.match(await scriptFor("fish"), /^complete -c chubo -n '__fish_seen_subcommand_from build' -l watch -d '/m);
});
