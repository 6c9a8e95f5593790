// All unit tests in one process, so that one run of the test runner, with one summary, holds everything.
import { globSync } from "node:fs";
import { join } from "node:path";

const src = join(import.meta.dirname, "..", "src");
for (const file of globSync("**/*.test.ts", { cwd: src }).sort()) await import(join(src, file));
