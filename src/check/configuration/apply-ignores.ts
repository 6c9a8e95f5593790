import ignore from "ignore";
import type { ReadFile } from "../judge/repository.ts";
import type { IgnoredFinding, ReportedFinding } from "../report/check-report.ts";
import { spanOf } from "../report/source-position.ts";
import type { BaselineEntry } from "./baseline.ts";
import type { IgnoreEntry } from "./check-configuration.ts";
import { findIgnoreComments, type IgnoreComment } from "./ignore-comments.ts";

export interface IgnoreSources {
  files: readonly ReadFile[];
  entries: readonly IgnoreEntry[];
  baseline: readonly BaselineEntry[];
}

export interface SortedFindings {
  findings: ReportedFinding[];
  ignored: IgnoredFinding[];
  warnings: string[];
}

/** Parts what is told from what is ignored, and names each ignore that met nothing: it hides the next finding like it. */
export function applyIgnores(
  all: readonly ReportedFinding[],
  { files, entries, baseline }: IgnoreSources,
): SortedFindings {
  const comments = new Map(files.map((file) => [file.path, findIgnoreComments(file)] as const));
  const matchers = entries.map((entry) => ({ entry, matches: matcherOf(entry) }));
  const known = new Set(baseline.map(({ fingerprint }) => fingerprint));
  const used = new Set<unknown>();
  const findings: ReportedFinding[] = [];
  const ignored: IgnoredFinding[] = [];
  for (const finding of all) {
    const comment = findComment(finding, comments.get(finding.file.path) ?? []);
    const entry = matchers.find(({ matches }) => matches(finding))?.entry;
    const isKnown = known.has(finding.fingerprint);
    for (const one of [comment, entry, isKnown ? finding.fingerprint : undefined]) used.add(one);
    if (comment !== undefined) ignored.push({ ...finding, by: "comment", reason: comment.reason });
    else if (entry !== undefined) ignored.push({ ...finding, by: "configuration", reason: entry.reason });
    else if (isKnown) ignored.push({ ...finding, by: "baseline", reason: "in the baseline" });
    else findings.push(finding);
  }
  const warnings = [
    ...[...comments].flatMap(([path, list]) => list.flatMap((comment) => warnOfComment(path, comment, used))),
    ...entries
      .filter((entry) => !used.has(entry))
      .map((entry) => `${entry.place}: ${entry.code} is found nowhere that this ignores`),
    ...baseline
      .filter(({ fingerprint }) => !used.has(fingerprint))
      .map(
        ({ code, path, text }) => `the baseline holds ${code} for ${text} in ${path}, which is gone: --write-baseline`,
      ),
  ];
  return { findings, ignored, warnings };
}

function findComment(
  { code, file, range }: ReportedFinding,
  comments: readonly IgnoreComment[],
): IgnoreComment | undefined {
  if (comments.length === 0) return undefined;
  const { line } = spanOf(file, range);
  return comments.find(({ codes, reason, target }) => target === line && reason !== "" && codes.includes(code));
}

function warnOfComment(path: string, comment: IgnoreComment, used: ReadonlySet<unknown>): string[] {
  const place = `${path}:${comment.line}`;
  if (comment.reason === "")
    return [`${place}: chubo-ignore gives no reason and is not heeded: ${comment.codes[0]}: why`];
  return used.has(comment) ? [] : [`${place}: chubo-ignore ${comment.codes.join(", ")} ignores nothing`];
}

function matcherOf({ code, path, image }: IgnoreEntry): (finding: ReportedFinding) => boolean {
  const paths = path === undefined ? undefined : ignore().add(path);
  return (finding) => {
    if (finding.code !== code) return false;
    if (paths !== undefined && !paths.ignores(finding.file.path)) return false;
    if (image === undefined) return true;
    return finding.pull !== undefined && [finding.pull.image.written, finding.pull.image.reference].includes(image);
  };
}
