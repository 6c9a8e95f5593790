// Keeps docs/errors.md true: the codes that are thrown, no others, and the exit statuses.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitStatus } from "../src/cli/report-error.ts";

const root = join(import.meta.dirname, "..");
const document = readFileSync(join(root, "docs", "errors.md"), "utf8");

/** The first cells of the rows below a heading. */
function firstCells(heading: string): string[] {
  const section = document.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = ""]) => cell).slice(2);
}

/** What follows the parenthesis of each call that makes a usage error. */
function calls(): { file: string; argument: string }[] {
  return globSync("src/**/*.ts", { cwd: root })
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const made = [...text.matchAll(/(?:new UsageError|(?<!function )templateProblem)\(\s*([^,\s)]+)/g)];
      return made.map(([, argument = ""]) => ({ file, argument }));
    });
}

test("docs/errors.md lists every code of a usage error, and no code that is never used", () => {
  const codes = calls().flatMap(({ argument }) => /^"([A-Z_]+)"$/.exec(argument)?.[1] ?? []);
  const listed = firstCells("Codes of usage errors").flatMap((cell) => cell.split(", "));
  assert.deepEqual(listed.toSorted(), [...new Set(codes)].sort());
});

test("a usage error's code is written where it is made, so that the list can be checked", () => {
  const elsewhere = calls().filter(({ argument }) => !argument.startsWith('"'));
  const handedOn = ["services/cloudformation/secret-mask.ts", "template/read-members.ts", "template/template-error.ts"];
  assert.deepEqual(
    elsewhere.map(({ file }) => file.replaceAll("\\", "/")).sort(),
    handedOn.map((file) => `src/${file}`),
  );
});

test("docs/errors.md lists every exit status", () => {
  const statuses = Object.values(exitStatus).map(String);
  assert.deepEqual(firstCells("Exit statuses"), statuses);
});
