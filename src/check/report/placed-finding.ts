import { createHash } from "node:crypto";
import { templateSource } from "../../template/template-source.ts";
import type { ReadFile } from "../judge/repository.ts";
import type { Finding } from "../rules/rule.ts";
import type { TextRange } from "../source-file.ts";

/** Lines and columns count from 1, columns in UTF-16 code units; `end` is behind the last character. */
export interface Place {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface PlacedFinding extends Finding {
  place: Place;
  /** Of the code, the file, the text at the place and how many alike stand before it; lines may move. */
  fingerprint: string;
}

export function placeFindings(findings: readonly Finding[]): PlacedFinding[] {
  const placeOf = placer();
  const alike = new Map<string, number>();
  return findings.map((finding) => {
    const { file, range, code } = finding;
    const key = [code, file.path, file.text.slice(range.start, range.end)].join("\0");
    const count = alike.get(key) ?? 0;
    alike.set(key, count + 1);
    const fingerprint = createHash("sha256").update(`${key}\0${count}`).digest("hex").slice(0, 32);
    return { ...finding, place: placeOf(file, range), fingerprint };
  });
}

/** Counts the lines of each file once. */
export function placer(): (file: ReadFile, range: TextRange) => Place {
  const sources = new Map<string, ReturnType<typeof templateSource>>();
  return (file, { start, end }) => {
    const source = sources.get(file.path) ?? templateSource(file.text, file.path);
    sources.set(file.path, source);
    const [from, to] = [source.placeAt(start), source.placeAt(end)];
    const { line = 1, column = 1 } = from;
    return { file: file.path, line, column, endLine: to.line ?? line, endColumn: to.column ?? column };
  };
}
