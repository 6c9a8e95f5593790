import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../usage-error.ts";
import { dockerfileReader, readDockerfileBuild } from "../extract/dockerfile.ts";
import { judgeRepository } from "../judge/judge-repository.ts";
import type { ReportedFinding } from "../report/check-report.ts";
import { applyIgnores, type IgnoreSources } from "./apply-ignores.ts";
import { readBaseline, writeBaseline } from "./baseline.ts";
import { addFingerprints } from "./fingerprint.ts";

function findAll(
  text: string,
  path = "app/Dockerfile",
): { findings: ReportedFinding[]; files: IgnoreSources["files"] } {
  const file = { path, text, kind: "Dockerfile", extraction: dockerfileReader.read({ path, text }) };
  const { pulls } = judgeRepository([file], { readBuild: readDockerfileBuild });
  const findings = pulls.map((pull) => ({
    ...{ code: "CHUBO001" as const, level: "error" as const, message: "x", file, range: pull.image.range, pull },
  }));
  return { findings: addFingerprints(findings), files: [file] };
}

function sort(text: string, sources: Partial<IgnoreSources> = {}) {
  const { findings, files } = findAll(text);
  const sorted = applyIgnores(findings, { files, entries: [], baseline: [], ...sources });
  return { told: sorted.findings.map(({ pull }) => pull?.image.written), ...sorted };
}

test("a comment above a line leaves out what is in the line, and its reason is kept", () => {
  const { told, ignored, warnings } = sort("# chubo-ignore CHUBO001: by hand\n# more\nFROM a:1\nFROM b:1\n");
  assert.deepEqual(told, ["b:1"]);
  assert.deepEqual(
    ignored.map(({ by, reason }) => [by, reason]),
    [["comment", "by hand"]],
  );
  assert.deepEqual(warnings, []);
});

test("a comment without a reason is not heeded, and one that meets nothing is told", () => {
  const { told, warnings } = sort("# chubo-ignore CHUBO001\nFROM a:1\n# chubo-ignore CHUBO002: x\nFROM b:1\n");
  assert.deepEqual(told, ["a:1", "b:1"]);
  assert.match(warnings[0] ?? "", /^app\/Dockerfile:1: chubo-ignore gives no reason/);
  assert.match(warnings[1] ?? "", /^app\/Dockerfile:3: chubo-ignore CHUBO002 ignores nothing/);
});

test("an entry of the configuration takes the code, the path and the image together", () => {
  const entry = { code: "CHUBO001", reason: "r", place: "chubo.yml:3" };
  const text = "FROM a:1\nFROM b:1\n";
  assert.deepEqual(sort(text, { entries: [{ ...entry, path: "app/", image: "a:1" }] }).told, ["b:1"]);
  assert.deepEqual(sort(text, { entries: [{ ...entry, path: "**/Dockerfile" }] }).told, []);
  const { told, warnings } = sort(text, { entries: [{ ...entry, path: "other/" }] });
  assert.deepEqual(told, ["a:1", "b:1"]);
  assert.deepEqual(warnings, ["chubo.yml:3: CHUBO001 is found nowhere that this ignores"]);
});

test("a baseline knows a finding again after lines were added above, and tells what is gone", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "chubo-baseline-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "baseline.json");
  writeBaseline(file, "baseline.json", findAll("FROM a:1\nFROM a:1\nFROM gone:1\n").findings);
  const baseline = readBaseline(file, "baseline.json");
  const { told, warnings } = sort("\n\nFROM a:1\nFROM a:1\nFROM a:1\nFROM new:1\n", { baseline });
  assert.deepEqual(told, ["a:1", "new:1"]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /CHUBO001 for gone:1 in app\/Dockerfile, which is gone/);
});

test("what is no baseline is refused", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "chubo-baseline-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "baseline.json");
  for (const text of ["", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}']) {
    writeFileSync(file, text);
    assert.throws(
      () => readBaseline(file, "baseline.json"),
      (error) => error instanceof UsageError && error.code === "CHECK_BASELINE",
      text,
    );
  }
});
