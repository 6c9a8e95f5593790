import type { Level } from "../rules/rule.ts";
import { rules } from "../rules/rules.ts";
import type { Place, PlacedFinding } from "./placed-finding.ts";

const rulePages = "https://github.com/chubo/chubo/blob/main/docs/rules";

/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function formatSarif(findings: readonly PlacedFinding[], version: string): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "chubo", version, rules: rules.map(describeRule) } },
        columnKind: "utf16CodeUnits",
        results: findings.map(resultOf),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function describeRule({ code, name, level }: { code: string; name: string; level: Level }) {
  return {
    id: code,
    name,
    shortDescription: { text: name.replaceAll("-", " ") },
    defaultConfiguration: { level },
    helpUri: `${rulePages}/${code}.md`,
  };
}

function resultOf({ code, level, message, hint, place, fingerprint, file, range }: PlacedFinding) {
  return {
    ruleId: code,
    ruleIndex: rules.findIndex((rule) => rule.code === code),
    level,
    message: { text: hint === undefined ? message : `${message}. ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file.path), uriBaseId: "%SRCROOT%" },
          region: { ...regionOf(place), charOffset: range.start, charLength: range.end - range.start },
        },
      },
    ],
    partialFingerprints: { "chubo/v1": fingerprint },
  };
}

function regionOf({ line, column, endLine, endColumn }: Place) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}
