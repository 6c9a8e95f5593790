import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../usage-error.ts";
import { parseHubAccount } from "./options.ts";
import { parseParameterOptions } from "./parameters.ts";

test("a Docker Hub account's password may hold colons", () => {
  assert.deepEqual(parseHubAccount("alice:a:b:c:personal"), { user: "alice", password: "a:b:c", tier: "personal" });
});

test("a faulty Docker Hub account is refused without showing the password", () => {
  for (const text of ["alice:hunter2", "alice:hunter2:gold", ":hunter2:personal", "alice::personal"]) {
    assert.throws(
      () => parseHubAccount(text),
      (error) => error instanceof UsageError && !`${error.message} ${error.hint}`.includes("hunter2"),
    );
  }
});

test("a parameter's value may hold equals signs, and a faulty one is not shown", () => {
  assert.deepEqual(parseParameterOptions(["A=b=c", "D="]), { A: "b=c", D: "" });
  assert.throws(
    () => parseParameterOptions(["hunter2"]),
    (error) => error instanceof UsageError && !error.message.includes("hunter2"),
  );
});
