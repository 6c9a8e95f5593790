import type { CheckReport } from "./check-report.ts";
import { spanOf } from "./source-position.ts";

/**
 * Workflow commands, which GitHub shows at the lines of a pull request.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function formatGitHubAnnotations({ findings }: CheckReport): string {
  const names = { error: "error", warning: "warning", note: "notice" };
  return findings
    .map(({ code, level, message, hint, file, range }) => {
      const { line, column, endLine, endColumn } = spanOf(file, range);
      // GitHub takes columns of a range in one line only.
      const columns = line === endLine ? { col: column, endColumn: Math.max(column, endColumn - 1) } : {};
      const properties = Object.entries({ file: file.path, line, endLine, ...columns, title: code });
      const written = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`).join(",");
      return `::${names[level]} ${written}::${escapeData(hint === undefined ? message : `${message}\n${hint}`)}\n`;
    })
    .join("");
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
