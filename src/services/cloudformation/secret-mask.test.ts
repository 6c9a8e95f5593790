import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../usage-error.ts";
import { maskUsageError, secretMask } from "./secret-mask.ts";

const rows: [secrets: string[], text: string, masked: string][] = [
  [["correct-horse"], "no correct-horse, nocorrect-horses", "no ****, no****s"],
  [['a"b\\c'], String.raw`{"p":"a\"b\\c"} a"b\c`, `{"p":"****"} ****`],
  [["pass", "password"], "the password, the pass", "the ****, the ****"],
  [["ab"], "ab tabs (ab) ab-c", "**** tabs (****) ****-c"],
  [["a.b"], "a.b axb", "**** axb"],
  [["$&x$1"], "is $&x$1", "is ****"],
  [[""], "as it is", "as it is"],
];
for (const [secrets, text, masked] of rows) {
  test(`${JSON.stringify(text)} without ${JSON.stringify(secrets)} is ${JSON.stringify(masked)}`, () => {
    assert.equal(secretMask(secrets).mask(text), masked);
  });
}

test("the words of a template's problem stay where a secret is as short as a word of them", () => {
  const error = new UsageError("TEMPLATE_FUNCTION", "a mapping for horse", { line: 1, hint: "a horse" });
  const { message, hint, place } = maskUsageError(error, ["a", "horse"]);
  assert.deepEqual([message, hint, place], ["a mapping for ****", "a ****", { line: 1 }]);
});
