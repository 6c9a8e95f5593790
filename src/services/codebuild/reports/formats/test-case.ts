import type { TestCaseRecord } from "../report.ts";

/** A test case before it is known which file it came out of. */
export type ParsedTestCase = Omit<TestCaseRecord, "testRawDataPath">;

export function nanoseconds(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1e9));
}

/** A message's first words may be the beginning of its stack trace. */
export function failureMessage(message = "", trace = ""): string {
  const [short, long] = [message.trim(), trace.trim()];
  if (short === "" || long.startsWith(short)) return long;
  return long === "" ? short : `${short}\n${long}`;
}
