import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { validateSarif } from "../../../test/contracts/validate-sarif.ts";
import { addFingerprints } from "../configuration/fingerprint.ts";
import { dockerfileReader, readDockerfileBuild } from "../extract/dockerfile.ts";
import { judgeRepository } from "../judge/judge-repository.ts";
import { explainRule } from "../rules/explanations/explain-rule.ts";
import type { Level, Rule } from "../rules/rule.ts";
import { rules } from "../rules/rules.ts";
import type { CheckReport } from "./check-report.ts";
import { formatGitHubAnnotations } from "./github-annotations.ts";
import { formatGitLabCodeQuality } from "./gitlab-code-quality.ts";
import { formatJson } from "./json.ts";
import { formatJUnit } from "./junit.ts";
import { formatSarif } from "./sarif.ts";
import { formatPullList, formatText } from "./text.ts";

const plain = { style: (_: string, text: string) => text, columns: 80 };

function reportOf(text: string, level: Level = "error", path = "a b/Dockerfile"): CheckReport {
  const source = { path, text };
  const file = { ...source, kind: "Dockerfile", extraction: dockerfileReader.read(source) };
  const repository = {
    ...judgeRepository([file], { readBuild: readDockerfileBuild }),
    ...{ root: "/x", fileCount: 2, passedOver: [{ path: "c.yml", reason: "not UTF-8" }] },
  };
  const rule: Rule = { code: "CHUBO017", name: "every-pull", level, find: () => [] };
  const found = addFingerprints(
    repository.pulls.map((pull) => ({
      ...{ code: rule.code, level, file: pull.file, range: pull.image.range, pull, message: "100%: it, is <pulled>" },
      ...{ hint: "line one\nline two", related: [{ message: "the build", file, range: { start: 0, end: 4 } }] },
    })),
  );
  const [first, ...rest] = found;
  const ignored = rest.map((finding) => ({ ...finding, by: "comment" as const, reason: "known" }));
  return {
    version: "1.2.3",
    repository,
    rules: [rule],
    findings: first === undefined ? [] : [first],
    ignored,
    warnings: [],
  };
}

const text = "# é厨\r\nFROM nginx:1 AS web\r\nFROM nginx:1\r\n";

describe("JSON", () => {
  const schemaFile = join(import.meta.dirname, "../../../docs/check-result.schema.json");
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync(schemaFile, "utf8")));

  for (const listsPulls of [false, true]) {
    test(`is as its schema says${listsPulls ? ", with the references" : ""}`, () => {
      const result = JSON.parse(formatJson(reportOf(text), { listsPulls }));
      assert.equal(validate(result), true, JSON.stringify(validate.errors));
      assert.equal(validate({ ...result, more: 1 }), false);
      assert.equal(validate({ ...result, forecast: { situation: {}, origins: {}, build: null, chance: 0 } }), true);
      assert.equal(result.references?.length, listsPulls ? 2 : undefined);
    });
  }

  test("tells lines, columns, characters and bytes", () => {
    const [{ line, column, endColumn, charOffset, charLength, byteOffset, byteLength }] = JSON.parse(
      formatJson(reportOf(text)),
    ).findings;
    assert.deepEqual([line, column, endColumn, charOffset, charLength], [2, 6, 13, 11, 7]);
    assert.equal(
      Buffer.from(text)
        .subarray(byteOffset, byteOffset + byteLength)
        .toString(),
      "nginx:1",
    );
  });
});

describe("SARIF", () => {
  test("is valid by the standard's schema, which takes no member that it does not have", () => {
    const log = JSON.parse(formatSarif(reportOf(text)));
    assert.deepEqual(validateSarif(log), []);
    assert.notDeepEqual(validateSarif({ ...log, more: 1 }), []);
    const [{ message: _, ...result }] = log.runs[0].results;
    assert.notDeepEqual(validateSarif({ ...log, runs: [{ ...log.runs[0], results: [result] }] }), []);
    const [{ results, tool }] = log.runs;
    assert.equal(tool.driver.rules[results[0].ruleIndex].id, results[0].ruleId);
    assert.equal(results[0].locations[0].physicalLocation.artifactLocation.uri, "a%20b/Dockerfile");
    assert.deepEqual(results[1].suppressions, [{ kind: "inSource", justification: "known" }]);
    assert.notDeepEqual(results[0].partialFingerprints, results[1].partialFingerprints);
  });

  test("explains each rule whole, and leads to no page: GitHub asks for an id, both descriptions and the help", () => {
    const log = JSON.parse(formatSarif({ ...reportOf(text), rules }));
    assert.deepEqual(validateSarif(log), []);
    for (const { id, shortDescription, fullDescription, help, helpUri } of log.runs[0].tool.driver.rules) {
      const { title, why, remedy } = explainRule(id, "en");
      assert.deepEqual([shortDescription.text, fullDescription.text, helpUri], [title, why, undefined]);
      for (const form of [help.text, help.markdown]) assert.ok(form.includes(why) && form.includes(remedy), id);
    }
  });
});

test("GitHub's annotations escape what ends a property or a line", () => {
  assert.equal(
    formatGitHubAnnotations(reportOf("FROM nginx:1\n", "note", "a,b:c%/Dockerfile")),
    "::notice file=a%2Cb%3Ac%25/Dockerfile,line=1,endLine=1,col=6,endColumn=12,title=CHUBO017::" +
      "100%25: it, is <pulled>%0Aline one%0Aline two\n",
  );
});

test("GitLab's report has the members that GitLab asks for", () => {
  const [issue] = JSON.parse(formatGitLabCodeQuality(reportOf(text, "warning")));
  assert.match(issue.fingerprint, /^[\da-f]{32}$/);
  assert.deepEqual(
    { ...issue, fingerprint: "" },
    {
      ...{ description: "100%: it, is <pulled>", check_name: "CHUBO017", fingerprint: "", severity: "minor" },
      location: { path: "a b/Dockerfile", lines: { begin: 2, end: 2 } },
    },
  );
});

test("JUnit's XML escapes markup and counts its cases", () => {
  const xml = formatJUnit(reportOf("FROM nginx:1\n", "error", 'a&<"\u0001/Dockerfile'));
  assert.match(
    xml,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="chubo check" tests="1" failures="1">/,
  );
  assert.ok(xml.includes('<testsuite name="a&amp;&lt;&quot;\ufffd/Dockerfile" tests="1" failures="1">'), xml);
  assert.ok(xml.includes('message="100%: it, is &lt;pulled&gt;"'), xml);
});

describe("text", () => {
  test("shows place, level, code, message, line, caret, related place and hint", () => {
    assert.deepEqual(formatText(reportOf(text), plain).split("\n"), [
      "a b/Dockerfile:2:6 error CHUBO017",
      "  100%: it, is <pulled>",
      "  2 | FROM nginx:1 AS web",
      "    |      ^^^^^^^",
      "  see  a b/Dockerfile:1:1 the build",
      "  hint line one line two",
      "",
      "note c.yml was passed over: not UTF-8",
      "",
      "1 error, 1 ignored",
      "2 files looked at, 2 pulls from Docker Hub, 0 anonymous, 2 by no job seen here,",
      "at most 0 counted per build",
      "",
    ]);
  });

  test("lists every reference with its registry", () => {
    const list = formatPullList(reportOf("FROM nginx:1\nFROM ghcr.io/a/b:2\nFROM $X\n").repository, plain);
    assert.match(list, /Dockerfile:1 +nginx:1 +docker\.io +unknown +2 +-/);
    assert.match(list, /Dockerfile:2 +ghcr\.io\/a\/b:2 +ghcr\.io +unknown +0 +-/);
    assert.match(list, /Dockerfile:3 +\$X +not constant/);
  });
});
