import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { UsageError } from "../usage-error.ts";
import { readBusybox } from "./busybox.ts";

function isBusyboxError(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, "CONFIG_BUSYBOX");
    assert.match(error.message, message);
    assert.equal(error.hint, "apt-get install busybox-static");
    return true;
  };
}

test("a machine without busybox is told what to install", async () => {
  await assert.rejects(readBusybox("/nonexistent/busybox"), isBusyboxError(/which is not at \/nonexistent\/busybox/));
});

test("a program that needs the machine's libraries makes no image", { skip: !existsSync("/bin/ls") }, async () => {
  await assert.rejects(readBusybox("/bin/ls"), isBusyboxError(/^\/bin\/ls is linked dynamically/));
});

test("a file that is no program makes no image", async () => {
  await assert.rejects(readBusybox(import.meta.filename), isBusyboxError(/is not a Linux program/));
});
