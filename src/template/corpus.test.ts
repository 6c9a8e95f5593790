import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { prepareText } from "../../test/fixtures/prepare-text.ts";
import { TemplateError } from "./template-error.ts";

const corpus = join(import.meta.dirname, "..", "..", "..", "shared", "corpus");
const index = join(corpus, "INDEX.tsv");

test("real templates are prepared, or refused with a place for every problem", {
  skip: !existsSync(index),
}, async () => {
  const rows = readFileSync(index, "utf8")
    .split("\n")
    .map((line) => line.split("\t"));
  const files = rows.filter(([, , , kind]) => kind === "cfn" || kind === "cdkout");
  assert.ok(files.length > 0);
  for (const [repository = "", path = ""] of files) {
    const text = readFileSync(join(corpus, repository.replace("/", "__"), path), "utf8");
    try {
      await prepareText(text);
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${path}: ${error}`);
      for (const { place, message } of error.problems) assert.ok(place.line, `${path}: ${message}`);
    }
  }
});
