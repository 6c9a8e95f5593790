import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { PausePoint } from "../../src/services/codebuild/collaborators.ts";

/** Opens a shell at the point, which reads these lines; resolves with what it printed. */
export async function typeAt(t: TestContext, point: PausePoint, lines: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "chubo-typed-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = (name: string) => join(directory, name);
  writeFileSync(file("typed"), lines);
  const stdio: [number, number, number] = [
    openSync(file("typed"), "r"),
    openSync(file("shown"), "w"),
    openSync(file("errors"), "w"),
  ];
  try {
    await point.openShell({ stdio, isTty: false }, "dumb");
  } finally {
    for (const descriptor of stdio) closeSync(descriptor);
  }
  return readFileSync(file("shown"), "utf8");
}
