import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { RunResult } from "../server/run-result.ts";
import { printRunSummary } from "./run-summary.ts";
import { openTerminal } from "./terminal.ts";

/** What is shown of a failed build, on a terminal of that many columns or in a pipe. */
function shown(changes: Partial<RunResult["builds"][number]>, cause: string[], columns?: number): string {
  const stdout = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  const stdin = Object.assign(new PassThrough(), { isTTY: columns !== undefined });
  const process = { stdin, stdout, stderr: stdout, variables: {}, currentDirectory: "/home/me/app" };
  const build = {
    id: "a:1",
    project: "a",
    status: "FAILED" as const,
    phases: [],
    artifacts: [],
    exportedVariables: [],
  };
  const result = { status: "FAILED", stacks: [], builds: [{ ...build, ...changes }], images: [], pulls: [] };
  const iam = { denied: [], unused: [] };
  printRunSummary(openTerminal(process, stdout), { ...result, iam } as unknown as RunResult, {
    ...{ cause, currentDirectory: process.currentDirectory, hasShownPhases: columns !== undefined },
  });
  return stripVTControlCharacters((stdout.read() as Buffer).toString());
}

test("the verdict and what follows it break between words on a terminal, and nowhere in a pipe", () => {
  const cause = ["in BUILD: one two three four five six", "what it said"];
  assert.equal(shown({}, cause, 30), "\n✗ FAILED in BUILD: one two\n  three four five six\n  what it said\n");
  assert.match(shown({}, cause), /\n✗ FAILED in BUILD: one two three four five six\n {2}what it said\n$/);
});

test("artifacts are told by their first files, and by their path from where one stands", () => {
  const files = Array.from({ length: 12 }, (_, index) => `f${index}`);
  const artifacts = [
    { name: "BuildArtifact", path: "/home/me/app/.chubo/artifacts/a-1", files },
    { name: "other", path: "/srv/other", files: ["x"] },
  ];
  const names = "f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 2 more";
  assert.ok(
    shown({ artifacts }, []).includes(
      `\nArtifacts\n  BuildArtifact: ${names}\n    .chubo/artifacts/a-1\n  other: x\n    /srv/other\n`,
    ),
  );
});

test("a context of several lines stays below its phase", () => {
  const contexts = [{ statusCode: "COMMAND_EXECUTION_ERROR", message: "Error: set -e\nfalse. Reason: exit status 1" }];
  const phases = [{ phaseType: "BUILD", phaseStatus: "FAILED", durationInSeconds: 1, contexts }] as never;
  assert.match(
    shown({ phases }, []),
    / {4}COMMAND_EXECUTION_ERROR: Error: set -e\n {4}false\. Reason: exit status 1\n/,
  );
});
