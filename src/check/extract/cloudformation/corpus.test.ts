import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkReaderContract } from "../../../../test/contracts/file-reader-contract.ts";
import { ecsTaskDefinitionReader } from "../ecs-task-definition.ts";
import { cloudFormationReader } from "./read-template.ts";

const corpus = join(import.meta.dirname, "../../../../../shared/corpus");

for (const [kind, reader, least] of [
  ["cfn", cloudFormationReader, 90],
  ["ecs-taskdef", ecsTaskDefinitionReader, 2],
] as const) {
  test(`each ${reader.kind} of the world keeps the readers' contract`, { skip: !existsSync(corpus) }, () => {
    const rows = readFileSync(join(corpus, "INDEX.tsv"), "utf8")
      .split("\n")
      .map((line) => line.split("\t"))
      .filter((row) => row[3] === kind);
    let known = 0;
    for (const [repository = "", path = ""] of rows) {
      const text = readFileSync(join(corpus, repository.replace("/", "__"), path), "utf8");
      if (reader.isFor({ path, text })) known++;
      checkReaderContract(reader, { path, text });
      assert.deepEqual(reader.read({ path, text }).notes, [], path);
    }
    assert.ok(known >= least, `${known} of ${rows.length} are known`);
  });
}
