// Buildspecs of public repositories, where a collection of them is at hand; none is part of this project.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isMap, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import { parseBuildspec } from "./parse-buildspec.ts";

const corpus = join(import.meta.dirname, "..", "..", "..", "shared", "corpus");
const skip = !existsSync(corpus) && "no collection at hand";

/** Files of a kind, by the collection's index. */
function filesOf(kinds: readonly string[]): string[] {
  const rows = readFileSync(join(corpus, "INDEX.tsv"), "utf8").split("\n");
  return rows
    .map((row) => row.split("\t"))
    .filter(([, , , kind = ""]) => kinds.includes(kind))
    .flatMap(([repository = "", path = ""]) => globSync(join(corpus, repository.replace("/", "__"), path)));
}

/** The texts of `BuildSpec` in a template, literal or in `Fn::Sub`. */
function inlineBuildspecs(text: string): string[] {
  const found: string[] = [];
  for (const document of parseAllDocuments(text, { logLevel: "silent" })) {
    if (!("contents" in document)) continue;
    visit(document, {
      Pair(_, { key, value }) {
        if (!isScalar(key) || key.value !== "BuildSpec") return;
        const inner = isMap(value) ? value.items[0]?.value : value;
        const literal = isSeq(inner) ? inner.items[0] : inner;
        if (isScalar(literal) && typeof literal.value === "string" && literal.value.includes("\n")) {
          found.push(literal.value);
        }
      },
    });
  }
  return found;
}

/** What is refused, on AWS as well: file (and number of the buildspec in it) → the beginning of the reason. */
const expectedRefusals: Record<string, string> = {};

test("buildspecs of public repositories are read, or refused for the reason that AWS has", { skip }, () => {
  const files = filesOf(["buildspec"]).map((file) => ({ file, text: readFileSync(file, "utf8") }));
  const inline = filesOf(["cfn", "cdkout"]).flatMap((file) =>
    inlineBuildspecs(readFileSync(file, "utf8")).map((text, index) => ({ file: `${file}#${index}`, text })),
  );
  assert.ok(files.length > 20 && inline.length > 5, `${files.length} files, ${inline.length} in templates`);
  const refusals: Record<string, string> = {};
  for (const { file, text } of [...files, ...inline]) {
    try {
      assert.ok(parseBuildspec(text).phaseOrder.length > 0, file);
    } catch (error) {
      refusals[file.slice(corpus.length + 1)] = (error as Error).message.replace(/[ :].*/s, "");
    }
  }
  assert.deepEqual(refusals, expectedRefusals);
});
