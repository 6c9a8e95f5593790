import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { UsageError } from "../usage-error.ts";
import { type CheckEnginesOptions, checkEngines } from "./check-engines.ts";

// A suite: hooks at the top level would run for every test of the process.
describe("engines", () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "chubo-engines-"));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  function addPrograms(...names: string[]): void {
    for (const name of names) {
      writeFileSync(join(path, name), "#!/bin/sh\necho 'Docker version 20.10.24, build x'\n");
      chmodSync(join(path, name), 0o755);
    }
  }

  const check = (options: Partial<CheckEnginesOptions> = {}) =>
    checkEngines({ engine: "auto", path, system: false, platform: "linux", isRoot: true, ...options });

  function isRefusal(code: string, message: RegExp, hint: RegExp) {
    return (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
      return true;
    };
  }

  const docker = ["dockerd", "docker", "ip", "unshare", "setpriv", "flock"];

  test("prefers Docker where both are there", async () => {
    addPrograms(...docker, "podman", "nsenter", "iptables-restore");
    const report = await check();
    assert.equal(report.kind, "docker");
    assert.deepEqual(report.warnings, []);
  });

  test("takes podman where a docker client stands alone, and warns that it has no BuildKit", async () => {
    addPrograms("docker", "podman", "nsenter", "unshare", "setpriv", "flock");
    const report = await check();
    assert.equal(report.kind, "podman");
    assert.match(report.warnings.join(), /without BuildKit/);
  });

  test("names what is missing, and the package that brings it", async () => {
    addPrograms("docker");
    await assert.rejects(
      check(),
      isRefusal("CONTAINERS_ENGINE_MISSING", /no dockerd on PATH, no podman on PATH/, /apt-get install docker\.io/),
    );
    await assert.rejects(check({ engine: "podman" }), isRefusal("CONTAINERS_ENGINE_MISSING", /no podman/, /podman/));
    addPrograms(...docker);
    rmSync(join(path, "ip"));
    await assert.rejects(check(), isRefusal("CONTAINERS_ENGINE_MISSING", /ip not on PATH.*iproute2/, /./));
  });

  test("does not take another engine than the one that was asked for", async () => {
    addPrograms(...docker);
    await assert.rejects(
      check({ engine: "podman" }),
      isRefusal("CONTAINERS_ENGINE_MISSING", /needs podman/, /apt-get install podman/),
    );
  });

  test("refuses a user who is not root and a system that is not Linux", async () => {
    addPrograms(...docker);
    await assert.rejects(check({ isRoot: false }), isRefusal("CONTAINERS_NOT_ROOT", /root/, /privilegedMode/));
    await assert.rejects(check({ platform: "darwin" }), isRefusal("CONTAINERS_NOT_LINUX", /darwin/, /Linux/));
  });

  test("warns where RUN steps will have no network", async () => {
    addPrograms(...docker);
    assert.match((await check()).warnings.join(), /no network/);
  });
});
