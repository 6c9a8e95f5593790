import type { CheckReport } from "./check-report.ts";
import { spanOf } from "./source-position.ts";

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function formatGitLabCodeQuality({ findings }: CheckReport): string {
  const severities = { error: "major", warning: "minor", note: "info" };
  const issues = findings.map(({ code, level, message, file, range, fingerprint }) => {
    const { line, endLine } = spanOf(file, range);
    return {
      description: message,
      check_name: code,
      fingerprint,
      severity: severities[level],
      location: { path: file.path, lines: { begin: line, end: endLine } },
    };
  });
  return `${JSON.stringify(issues)}\n`;
}
