import { explainRule, formatRuleHelp } from "../rules/explanations/explain-rule.ts";
import type { Rule } from "../rules/rule.ts";
import type { SourceFile, TextRange } from "../source-file.ts";
import type { CheckReport, IgnoredFinding, ReportedFinding } from "./check-report.ts";
import { spanOf } from "./source-position.ts";

/** SARIF 2.1.0, for GitHub's code scanning among others. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function formatSarif({ version, rules, findings, ignored, repository }: CheckReport): string {
  const indexes = new Map(rules.map(({ code }, index) => [code, index]));
  const describe = (finding: ReportedFinding) => describeResult(finding, indexes.get(finding.code));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            ...{ name: "chubo", semanticVersion: version },
            rules: rules.map(describeRule),
          },
        },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: repository.passedOver.map(({ path, reason }) => ({
              level: "note",
              message: { text: `passed over: ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }],
            })),
          },
        ],
        results: [
          ...findings.map((finding) => describe(finding)),
          ...ignored.map((finding) => ({ ...describe(finding), suppressions: [suppressionOf(finding)] })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

/**
 * With the whole explanation, which viewers show beside a finding: there is no page on the web to lead to.
 * https://docs.github.com/code-security/reference/code-scanning/sarif-support-for-code-scanning
 */
function describeRule({ code, name, level }: Rule) {
  const { title, why } = explainRule(code, "en");
  return {
    ...{ id: code, name, shortDescription: { text: title }, fullDescription: { text: why } },
    help: formatRuleHelp(code),
    defaultConfiguration: { level },
  };
}

function describeResult(finding: ReportedFinding, ruleIndex: number | undefined) {
  const { code, level, message, hint, file, range, related = [], fingerprint } = finding;
  return {
    ruleId: code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [locationOf(file, range)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            ...{ id, ...locationOf(place.file, place.range), message: { text: place.message } },
          })),
        }),
    partialFingerprints: { "chubo/v1": fingerprint },
  };
}

function locationOf(file: SourceFile, range: TextRange) {
  const span = spanOf(file, range);
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file.path) },
      region: {
        ...{ startLine: span.line, startColumn: span.column, endLine: span.endLine, endColumn: span.endColumn },
        ...{ charOffset: span.charOffset, charLength: span.charLength },
        ...{ byteOffset: span.byteOffset, byteLength: span.byteLength },
      },
    },
  };
}

function suppressionOf({ by, reason }: IgnoredFinding) {
  return { kind: by === "comment" ? "inSource" : "external", justification: reason };
}

/** A relative URI reference: a colon in the first part would make it a scheme. */
function uriOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
