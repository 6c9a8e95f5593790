// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the files are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileReaders } from "../readers.ts";

const numbers = Array.from({ length: 12 }, (_, index) => index);
const tenTimes = (text: string) => Array.from({ length: 10 }, () => text).join(", ");

/** Each level names the one before it ten times: 10^12 in all, of which a reader that followed each way would not come back. */
const files: Record<string, { path: string; text: string }> = {
  "GitLab's templates": {
    path: ".gitlab-ci.yml",
    text: numbers
      .map((n) => `.t${n}: {extends: [${numbers.filter((m) => m !== n).map((m) => `.t${m}`)}]}`)
      .concat("job: {extends: .t11, script: x}")
      .join("\n"),
  },
  "GitLab's variables": {
    path: ".gitlab-ci.yml",
    text: `job: {image: $V11, script: x}\nvariables:\n  V0: ""\n${numbers.map((n) => `  V${n + 1}: "${tenTimes(`$V${n}`)}"`).join("\n")}`,
  },
  "GitLab's references": {
    path: ".gitlab-ci.yml",
    text: numbers
      .map((n) => `.s${n + 1}: {script: [${tenTimes(`!reference [.s${n}, script]`)}]}`)
      .concat("job: {script: [!reference [.s12, script]]}")
      .join("\n"),
  },
  "CircleCI's commands": {
    path: ".circleci/config.yml",
    text: `commands:\n${numbers.map((n) => `  c${n + 1}: {steps: [${tenTimes(`c${n}`)}]}`).join("\n")}\njobs: {a: {steps: [c12]}}`,
  },
  "Kubernetes' aliases": {
    path: "bomb.yaml",
    text: `apiVersion: v1\nkind: Pod\na0: &a0 {image: x}\n${numbers.map((n) => `a${n + 1}: &a${n + 1} [${tenTimes(`*a${n}`)}]`).join("\n")}\nspec: {containers: *a12}`,
  },
  "Bitbucket's lists": {
    path: "bitbucket-pipelines.yml",
    text: `a0: &a0 [{x: y}]\n${numbers.map((n) => `a${n + 1}: &a${n + 1} [${tenTimes(`*a${n}`)}]`).join("\n")}\npipelines: {default: *a12}`,
  },
  "GitHub's matrix": {
    path: ".github/workflows/a.yml",
    text: `jobs:\n  a:\n    container: "${numbers.map((n) => `\${{ matrix.m${n} }}`).join("")}"\n    strategy:\n      matrix:\n${numbers.map((n) => `        m${n}: [${tenTimes("a")}]`).join("\n")}`,
  },
};

for (const [what, file] of Object.entries(files)) {
  test(`${what} that multiply by ten at each of twelve levels are read in the end`, () => {
    const reader = fileReaders.find((candidate) => candidate.isFor(file));
    assert.ok(reader);
    assert.ok(reader.read(file).images.length < 1000);
  });
}
