import { hash } from "node:crypto";
import type { ReportedFinding } from "../report/check-report.ts";
import type { Finding } from "../rules/rule.ts";

/**
 * Gives each finding a fingerprint of its code, its file, the image's or the place's text, and the how-manieth of the same
 * it is. Not of its line: what is added above does not make it another finding.
 */
export function addFingerprints(findings: readonly Finding[]): ReportedFinding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { code, file, range, pull } = finding;
    const text = pull?.image.written ?? file.text.slice(range.start, range.end);
    const key = JSON.stringify([code, file.path, text]);
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    const fingerprint = hash("sha256", `${key}${occurrence}`, "hex").slice(0, 32);
    return { ...finding, fingerprint };
  });
}
