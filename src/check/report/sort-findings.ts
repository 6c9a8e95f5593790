import type { Finding } from "../rules/rule.ts";

/** By path, then by place, then by code. */
export function compareFindings(a: Finding, b: Finding): number {
  if (a.file.path !== b.file.path) return a.file.path < b.file.path ? -1 : 1;
  return a.range.start - b.range.start || (a.code < b.code ? -1 : Number(a.code > b.code));
}
