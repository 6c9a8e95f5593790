import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { fileReaders } from "../readers.ts";

const corpus = join(import.meta.dirname, "..", "..", "..", "..", "shared", "corpus");
const kinds = new Set(["gha", "gitlab", "k8s"]);

test("the contract of readers holds for files of public repositories", { skip: !existsSync(corpus) }, () => {
  const rows = readFileSync(join(corpus, "INDEX.tsv"), "utf8").trim().split("\n").slice(1);
  let count = 0;
  for (const [repository = "", path = "", , kind = ""] of rows.map((row) => row.split("\t"))) {
    if (!kinds.has(kind)) continue;
    const file = { path, text: readFileSync(join(corpus, repository.replace("/", "__"), path), "utf8") };
    const reader = fileReaders.find((candidate) => candidate.isFor(file));
    assert.ok(reader, `${repository} ${path}`);
    checkReaderContract(reader, file);
    count++;
  }
  assert.ok(count > 0);
});
