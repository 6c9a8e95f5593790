import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rules } from "../rules.ts";
import { english } from "./english.ts";
import { explainRule, formatRulePage } from "./explain-rule.ts";
import { languageOf } from "./explanation.ts";
import { japanese } from "./japanese.ts";

const codes = rules.map(({ code }) => code);
const pages = join(import.meta.dirname, "..", "..", "..", "..", "docs", "rules");

test("each rule is explained in both languages, and nothing else is", () => {
  assert.deepEqual(Object.keys(english), codes);
  assert.deepEqual(Object.keys(japanese), codes);
});

test("each rule has its page as it is made from the explanations: node scripts/rule-pages.ts", () => {
  assert.deepEqual(
    readdirSync(pages).sort(),
    codes.map((code) => `${code}.md`),
  );
  for (const code of codes) assert.equal(readFileSync(join(pages, `${code}.md`), "utf8"), formatRulePage(code));
});

test("an unknown code is a usage error, and case does not matter", () => {
  assert.equal(explainRule("chubo001", "en"), english.CHUBO001);
  assert.throws(() => explainRule("CHUBO999", "ja"), { code: "CHECK_RULE" });
});

test("the locale chooses the language", () => {
  assert.deepEqual(["ja_JP.UTF-8", "ja", "C.UTF-8", "jam", ""].map(languageOf), ["ja", "ja", "en", "en", "en"]);
});
