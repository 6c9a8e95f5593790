import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyExtraction } from "../extraction.ts";
import { fileFinder } from "./find-file.ts";
import type { ReadFile } from "./repository.ts";

/** From the first of the files. */
function find(path: string, paths: readonly string[], source?: string): string | undefined {
  const files = paths.map((one): ReadFile => ({ path: one, text: "", kind: "any", extraction: emptyExtraction }));
  const [from] = files;
  assert.ok(from);
  return fileFinder(files, source).findFile(path, from)?.path;
}

test("the nearest folder up from the file that names it is taken", () => {
  const paths = ["web/ci/buildspec.yml", "Dockerfile", "web/Dockerfile"];
  for (const path of ["Dockerfile", "./Dockerfile", "../Dockerfile"]) assert.equal(find(path, paths), "web/Dockerfile");
});

test("the folder that the user names as source comes last", () => {
  assert.equal(find("Dockerfile", ["infra/template.yml", "app/Dockerfile"], "app"), "app/Dockerfile");
  assert.equal(find("Dockerfile", ["infra/template.yml", "app/Dockerfile", "Dockerfile"], "app"), "Dockerfile");
  assert.equal(find("Dockerfile", ["infra/template.yml", "app/Dockerfile"]), undefined);
});

test("what lies outside of the directory is not found", () => {
  for (const path of ["/Dockerfile", "../../../Dockerfile", "https://example.com/Dockerfile"]) {
    assert.equal(find(path, ["ci/buildspec.yml", "Dockerfile"]), undefined, path);
  }
});
