import type { Pull } from "../judge/repository.ts";
import type { RelatedPlace } from "../rules/rule.ts";
import type { CheckReport, ReportedFinding } from "./check-report.ts";
import { registryOf, summarizePulls } from "./pull-summary.ts";
import { spanOf } from "./source-position.ts";

/** As docs/check-result.schema.json says. */
export function formatJson(
  report: CheckReport,
  { listsPulls = false, forecast }: { listsPulls?: boolean; forecast?: object } = {},
): string {
  const { repository, findings, ignored, warnings } = report;
  const result = {
    version: report.version,
    files: repository.fileCount,
    pulls: summarizePulls(repository),
    findings: findings.map(describeFinding),
    ignored: ignored.map((finding) => ({ ...describeFinding(finding), by: finding.by, reason: finding.reason })),
    warnings,
    passedOver: repository.passedOver.map(({ path, reason }) => ({ path, reason })),
    notes: repository.files.flatMap((file) =>
      file.extraction.notes.map(({ message, range }) => ({ path: file.path, message, ...spanOf(file, range) })),
    ),
    ...(listsPulls ? { references: repository.pulls.map(describePull) } : {}),
    ...(forecast && { forecast }),
  };
  return `${JSON.stringify(result)}\n`;
}

function describeFinding(finding: ReportedFinding) {
  const { code, level, message, file, range, hint, pull, related = [], fingerprint } = finding;
  return {
    ...{ code, level, message, path: file.path, ...spanOf(file, range), fingerprint },
    ...(hint === undefined ? {} : { hint }),
    ...(pull === undefined ? {} : { pull: describePull(pull) }),
    related: related.map((place: RelatedPlace) => ({
      ...{ message: place.message, path: place.file.path, ...spanOf(place.file, place.range) },
    })),
  };
}

function describePull(pull: Pull) {
  const { file, image, source, countedRequests, job, as, egress } = pull;
  const registry = registryOf(pull);
  return {
    ...{ path: file.path, ...spanOf(file, image.range), kind: image.kind, site: image.site, written: image.written },
    ...(image.reference === undefined ? {} : { reference: image.reference }),
    ...(registry === undefined ? {} : { registry }),
    ...{ source, countedRequests, egress },
    as: {
      kind: as.kind,
      ...(as.kind === "anonymous" ? { because: as.because } : {}),
      ...(as.kind === "account" && as.userName !== undefined ? { userName: as.userName } : {}),
    },
    ...(job === undefined ? {} : { job: { runner: job.job.runner, name: job.job.name, path: job.file.path } }),
  };
}
