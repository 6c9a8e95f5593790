import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { containerVariables, hostVariables, placeFileSystems } from "./file-systems.ts";

const host = "fs-1.efs.us-east-1.amazonaws.com";
const efs = { type: "EFS" as const, identifier: "my_efs", location: `${host}:/a/b`, mountPoint: "/efs" };

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("a file system is a directory of the state directory, which is made", (t) => {
  const directory = temporaryDirectory(t);
  const placed = placeFileSystems([efs], { projectFile: { fileSystems: new Map() }, directory });
  assert.equal(placed[0]?.directory, join(directory, host, "a", "b"));
  assert.ok(existsSync(placed[0]?.directory ?? ""));
  assert.deepEqual(hostVariables(placed), { CODEBUILD_MY_EFS: join(directory, host, "a", "b") });
  assert.deepEqual(containerVariables(placed), { CODEBUILD_MY_EFS: "/efs" });
});

for (const name of [host, "fs-1"]) {
  test(`a directory of chubo.yml under the name ${name} stands in for the file system`, (t) => {
    const [directory, given] = [temporaryDirectory(t), temporaryDirectory(t)];
    mkdirSync(join(given, "a"));
    const projectFile = { fileSystems: new Map([[name, given]]) };
    const [placed] = placeFileSystems([{ ...efs, mountOptions: "nfsvers=4.1,ro" }], { projectFile, directory });
    assert.deepEqual(placed, {
      ...{ identifier: "my_efs", directory: join(given, "a", "b"), mountPoint: "/efs", readOnly: true },
    });
  });
}

test("a directory of chubo.yml that is not there fails the build in PROVISIONING", (t) => {
  const directory = temporaryDirectory(t);
  const projectFile = { fileSystems: new Map([["fs-1", join(directory, "none")]]) };
  assert.throws(() => placeFileSystems([efs], { projectFile, directory }), {
    name: "EnvironmentError",
    message: /^The file system my_efs cannot be mounted: .*none, which chubo\.yml names for fs-1/,
  });
});
