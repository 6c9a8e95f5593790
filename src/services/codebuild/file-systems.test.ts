import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, runTestBuild, statusesOf } from "../../../test/builds/run-test-build.ts";
import { describeBuild } from "./build.ts";
import { EnvironmentError, type EnvironmentRequest } from "./collaborators.ts";
import { checkFileSystems } from "./file-systems.ts";

const efs = {
  type: "EFS" as const,
  identifier: "my_efs",
  location: "fs-1.efs.us-east-1.amazonaws.com:/cache",
  mountPoint: "/efs",
};

const refusals: [change: object, message: RegExp][] = [
  [{ identifier: "" }, /^Invalid file system identifier: none is given$/],
  [{ identifier: "a b" }, /^Invalid file system identifier: a b$/],
  [{ location: "fs-1.efs.us-east-1.amazonaws.com" }, /^Invalid file system location: fs-1/],
  [{ location: "fs-1:/../../etc" }, /^Invalid file system location/],
  [{ location: "../x:/a" }, /^Invalid file system location/],
  [{ mountPoint: "efs" }, /^Invalid file system mount point: efs$/],
  [{ mountPoint: "/" }, /^Invalid file system mount point: \/$/],
  [{ mountPoint: "/codebuild/output" }, /^Invalid file system mount point/],
  [{ mountPoint: "/a/../usr" }, /^Invalid file system mount point/],
];
for (const [change, message] of refusals) {
  test(`a file system with ${JSON.stringify(change)} is refused`, () => {
    assert.throws(() => checkFileSystems([{ ...efs, ...change }]), { name: "InvalidInputException", message });
  });
}

test("two file systems of one variable are refused", () => {
  const locations = [efs, { ...efs, identifier: "MY_EFS" }];
  assert.throws(() => checkFileSystems(locations), { message: /^Duplicate file system identifier: MY_EFS$/ });
});

test("a build's environment is asked for the project's file systems, and the build shows them", async (t) => {
  const asked: EnvironmentRequest["fileSystems"][] = [];
  const { build } = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    project: { settings: { fileSystemLocations: [efs] }, artifacts: { type: "NO_ARTIFACTS" } },
    collaborators: {
      openEnvironment({ fileSystems }) {
        asked.push(fileSystems);
        return Promise.reject(new EnvironmentError("CLIENT_ERROR", "enough is known"));
      },
    },
  });
  assert.deepEqual(asked, [[efs]]);
  assert.equal(statusesOf(build).PROVISIONING, "FAILED");
  assert.deepEqual(describeBuild(build).fileSystemLocations, [efs]);
});
