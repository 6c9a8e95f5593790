import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../usage-error.ts";
import { openStateDirectory } from "./state-directory.ts";

test("a state directory is refused while a living process holds it, and taken over from a dead one", (t) => {
  const root = mkdtempSync(join(tmpdir(), "chubo-state-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const first = openStateDirectory(root, { fresh: true });
  assert.throws(
    () => openStateDirectory(root, { fresh: true }),
    (error) => error instanceof UsageError && error.code === "CONFIG_STATE_BUSY",
  );
  first.release();
  writeFileSync(join(root, "lock"), "4194305\n");
  openStateDirectory(root, { fresh: true }).release();
});

test("a fresh start refuses an account that was kept, and leaves it and the directory as they are", (t) => {
  const root = mkdtempSync(join(tmpdir(), "chubo-state-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const first = openStateDirectory(root, { fresh: true });
  writeFileSync(join(first.account, "mine"), "");
  first.keepAccount();
  first.release();
  assert.throws(
    () => openStateDirectory(root, { fresh: true }),
    (error) => error instanceof UsageError && error.code === "CONFIG_STATE_KEPT",
  );
  const again = openStateDirectory(root, { fresh: false });
  assert.equal(existsSync(join(again.account, "mine")), true);
  again.release();
  assert.throws(() => openStateDirectory(root, { fresh: true }), UsageError);
});

test("a fresh start empties the account and keeps the artifacts", (t) => {
  const root = mkdtempSync(join(tmpdir(), "chubo-state-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const first = openStateDirectory(root, { fresh: true });
  writeFileSync(join(first.account, "left"), "");
  writeFileSync(join(first.artifacts, "kept"), "");
  first.release();
  const second = openStateDirectory(root, { fresh: true });
  assert.equal(existsSync(join(second.account, "left")), false);
  assert.equal(existsSync(join(second.artifacts, "kept")), true);
  second.release();
});
