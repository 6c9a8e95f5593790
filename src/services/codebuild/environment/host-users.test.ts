import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openHostUsers, type SharedPlaces } from "./host-users.ts";

function placesIn(t: TestContext, parent = tmpdir()): SharedPlaces & { temporary: string } {
  const root = mkdtempSync(join(parent, "chubo-users-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "tmp"), { mode: 0o700 });
  return { root, temporary: join(root, "tmp") };
}

test("who is not root stands for root, and becomes nobody else", async (t) => {
  const users = openHostUsers(placesIn(t), 1000);
  await users.admit("root", ["/nonexistent"]);
  assert.equal(users.idsOf("root"), undefined);
  await assert.rejects(users.admit("nobody", []), {
    code: "COMMAND_EXECUTION_ERROR",
    message:
      "Error while running commands as nobody. Reason: this process is not root's; run-as another user needs --environment container, or root",
  });
});

const isRoot = { skip: process.getuid?.() !== 0 && "only root becomes another user" };

test(
  "another user passes the private directory and gets his files and the certificates, and no more",
  isRoot,
  async (t) => {
    const places = placesIn(t);
    const [file, bundle] = [join(places.root, "state"), join(places.root, "tmp", "bundle")];
    for (const name of [file, bundle]) writeFileSync(name, "x", { mode: 0o600 });
    const copy = join(places.root, "copy.pem");
    const users = openHostUsers({ ...places, caBundle: { file: bundle, copy } });
    await users.admit("nobody", [file]);
    const { uid, gid } = users.idsOf("nobody") ?? {};
    const { uid: owner, mode } = statSync(file);
    assert.deepEqual([owner, mode & 0o777], [uid, 0o600]);
    const root = statSync(places.root);
    assert.deepEqual([root.uid, root.gid, root.mode & 0o777], [0, gid, 0o710]);
    assert.equal(readFileSync(copy, "utf8"), "x");
  },
);

test("a directory on the way that only its owner may pass is named", isRoot, async (t) => {
  const closed = mkdtempSync(join(tmpdir(), "chubo-closed-"));
  t.after(() => rmSync(closed, { recursive: true, force: true }));
  await assert.rejects(openHostUsers(placesIn(t, closed)).admit("nobody", []), {
    message: /only its owner gets through \S+chubo-closed-\w+; set TMPDIR to another directory$/,
  });
});
