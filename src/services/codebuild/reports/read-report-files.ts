import { readFile, stat } from "node:fs/promises";
import type { ReportContent } from "./report.ts";
import { ReportFileError } from "./report-file-error.ts";
import { parseReportFile } from "./report-format.ts";
import type { FoundFile } from "./walk-files.ts";

/** A report file of that size would be a mistake in the pattern. */
const largestFile = 100 * 1024 * 1024;

export interface ReadReport extends ReportContent {
  /** `FILE:LINE:COLUMN: what is wrong`. */
  faults: string[];
}

/** Reads all files of a report. One that is malformed is a fault, and the others count all the same. */
export async function readReportFiles(format: string, files: readonly FoundFile[]): Promise<ReadReport> {
  const read: ReadReport = { testCases: [], coverages: [], faults: [] };
  for (const { name, path } of files) {
    try {
      const { testCases, coverages } = parseReportFile(format, await readText(path), name);
      for (const testCase of testCases) read.testCases.push(testCase);
      for (const coverage of coverages) read.coverages.push(coverage);
    } catch (error) {
      if (!(error instanceof ReportFileError)) throw error;
      const place = [name, error.line, error.column].filter((part) => part !== undefined).join(":");
      read.faults.push(`${place}: ${error.message}`);
    }
  }
  return read;
}

async function readText(path: string): Promise<string> {
  if ((await stat(path)).size > largestFile) throw new ReportFileError(`larger than ${largestFile} bytes`);
  const content = await readFile(path);
  // Windows writes UTF-16 with a byte order mark now and then.
  return content[0] === 0xff && content[1] === 0xfe ? content.toString("utf16le") : content.toString("utf8");
}
