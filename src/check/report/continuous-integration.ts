import type { Level } from "../rules/rule.ts";
import type { PlacedFinding } from "./placed-finding.ts";

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function formatGitHubAnnotations(findings: readonly PlacedFinding[]): string {
  const commands: Record<Level, string> = { error: "error", warning: "warning", note: "notice" };
  const inText = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const inProperty = (text: string) => inText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return findings
    .map(({ level, code, message, hint, place }) => {
      const { file, line, column, endLine, endColumn } = place;
      const at = `file=${inProperty(file)},line=${line},col=${column},endLine=${endLine},endColumn=${endColumn}`;
      return `::${commands[level]} ${at},title=${code}::${inText(hint === undefined ? message : `${message}. ${hint}`)}\n`;
    })
    .join("");
}

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function formatGitLabCodeQuality(findings: readonly PlacedFinding[]): string {
  const severities: Record<Level, string> = { error: "major", warning: "minor", note: "info" };
  const report = findings.map(({ code, message, fingerprint, level, place }) => ({
    description: message,
    check_name: code,
    fingerprint,
    severity: severities[level],
    location: { path: place.file, lines: { begin: place.line, end: place.endLine } },
  }));
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** One test case for each finding that counts; https://github.com/testmoapp/junitxml */
export function formatJUnit(findings: readonly PlacedFinding[]): string {
  const cases = findings.map(({ code, level, message, hint = "", place }) => {
    const at = `${place.file}:${place.line}:${place.column}`;
    const name = `name="${inXml(`${code} ${at}`)}" classname="${inXml(place.file)}"`;
    const failure = `<failure type="${level}" message="${inXml(message)}">${inXml(`${at}\n${hint}`)}</failure>`;
    return `    <testcase ${name}>${failure}</testcase>`;
  });
  const counts = `tests="${Math.max(cases.length, 1)}" failures="${cases.length}"`;
  const passed = '    <testcase name="no finding" classname="chubo check"/>';
  const lines = cases.length === 0 ? [passed] : cases;
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  return [
    head,
    `<testsuites ${counts}>`,
    `  <testsuite name="chubo check" ${counts}>`,
    ...lines,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const xmlEntities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };

/** Characters that XML 1.0 has no place for are left out. */
function inXml(text: string): string {
  return text.replaceAll(/[&<>"\n]|\p{Cc}/gu, (sign) => xmlEntities[sign] ?? (sign === "\t" ? sign : ""));
}
