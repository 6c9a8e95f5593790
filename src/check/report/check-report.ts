import type { ReadRepository } from "../read-repository.ts";
import type { Finding, Rule } from "../rules/rule.ts";

/** What all formats are made of. */
export interface CheckReport {
  version: string;
  repository: ReadRepository;
  rules: readonly Rule[];
  /** By path, then by place. */
  findings: readonly ReportedFinding[];
  /** Found, and left out for a reason that its author gave. */
  ignored: readonly IgnoredFinding[];
  /** What is odd about what was said to be ignored. */
  warnings: readonly string[];
}

export interface ReportedFinding extends Finding {
  /** The same for the same finding after lines were added above it. */
  fingerprint: string;
}

export interface IgnoredFinding extends ReportedFinding {
  by: "comment" | "configuration" | "baseline";
  reason: string;
}
