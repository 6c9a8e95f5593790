import { formatImageReference } from "../../oci/image-reference.ts";
import type { Pull } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { type Place, type PlacedFinding, placer } from "./placed-finding.ts";

/** What `chubo check --json` prints; docs/check-result.schema.json. */
export interface CheckResult {
  files: number;
  findings: ResultFinding[];
  pulls: ResultPull[];
  passedOver: { file: string; reason: string; line?: number }[];
}

export interface ResultFinding extends Place {
  code: string;
  level: string;
  message: string;
  hint?: string;
  fingerprint: string;
  /** In the file's bytes. */
  byteOffset: number;
  byteLength: number;
  related: (Place & { message: string })[];
}

export interface ResultPull extends Place {
  written: string;
  reference?: string;
  source: Pull["source"];
  official: boolean;
  countedRequests: number;
  as: "anonymous" | "account" | "unknown";
  egress: Pull["egress"];
  job?: string;
}

export function checkResult(repository: ReadRepository, findings: readonly PlacedFinding[]): CheckResult {
  const placeOf = placer();
  const notes = repository.files.flatMap((file) =>
    file.extraction.notes.map(({ message, range }) => ({
      file: file.path,
      reason: message,
      line: placeOf(file, range).line,
    })),
  );
  return {
    files: repository.fileCount,
    findings: findings.map((finding) => resultFinding(finding, placeOf)),
    pulls: repository.pulls.map((pull) => resultPull(pull, placeOf(pull.file, pull.image.range))),
    passedOver: [...repository.passedOver.map(({ path, reason }) => ({ file: path, reason })), ...notes],
  };
}

function resultFinding(finding: PlacedFinding, placeOf: ReturnType<typeof placer>): ResultFinding {
  const { code, level, message, hint, fingerprint, place, file, range, related = [] } = finding;
  return {
    ...{ code, level, message, ...(hint !== undefined && { hint }), fingerprint, ...place },
    byteOffset: Buffer.byteLength(file.text.slice(0, range.start)),
    byteLength: Buffer.byteLength(file.text.slice(range.start, range.end)),
    related: related.map((other) => ({ message: other.message, ...placeOf(other.file, other.range) })),
  };
}

function resultPull(
  { image, reference, source, isOfficial, countedRequests, as, egress, job }: Pull,
  place: Place,
): ResultPull {
  return {
    ...place,
    written: image.written,
    ...(reference !== undefined && { reference: formatImageReference(reference) }),
    ...{ source, official: isOfficial, countedRequests, as: as.kind, egress },
    ...(job !== undefined && { job: job.job.name }),
  };
}
