// Writes docs/rules/: a page for each rule of `chubo check`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatRulePage } from "../src/check/rules/explanations/explain-rule.ts";
import { rules } from "../src/check/rules/rules.ts";

const folder = join(import.meta.dirname, "..", "docs", "rules");
mkdirSync(folder, { recursive: true });
for (const { code } of rules) writeFileSync(join(folder, `${code}.md`), formatRulePage(code));
