import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { BuildEngine } from "../../../containers/build-engine.ts";
import { type ContainerEnvironmentOptions, openContainerEnvironment } from "./container-environment.ts";

// A suite: hooks at the top level would run for every test of the process.
describe("a build in a container", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "chubo-container-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** An engine whose client is that script. */
  function engineOf(name: string, script: string, environment: Record<string, string> = {}): BuildEngine {
    const binDirectory = join(root, `${name}-bin`);
    mkdirSync(binDirectory);
    writeFileSync(join(binDirectory, "docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const stop = () => Promise.reject(new Error("an environment ends no engine"));
    return { kind: "docker", description: name, binDirectory, environment, hasEnded: () => false, stop };
  }

  function open(options: Pick<ContainerEnvironmentOptions, "engine"> & Partial<ContainerEnvironmentOptions>) {
    const directory = join(root, "work");
    mkdirSync(directory);
    return openContainerEnvironment({
      image: "example.test/team/app:1",
      directory,
      variables: {},
      caBundle: join(root, "ca.pem"),
      sourceNumber: 123456789,
      path: process.env.PATH ?? "",
      signal: new AbortController().signal,
      ...options,
    });
  }

  const nothingThere = 'case "$*" in *inspect*) exit 1 ;; esac';

  test("an image that the registry refuses fails in AWS's words, and nothing is left", async () => {
    const engine = engineOf(
      "outer",
      `${nothingThere}; echo 'Error response from daemon: toomanyrequests: limit' >&2; exit 1`,
    );
    await assert.rejects(open({ engine, privilegedEngine: engineOf("inner", "", { DOCKER_HOST: "unix:///none" }) }), {
      code: "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
      message:
        "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: toomanyrequests: limit",
    });
    assert.equal(existsSync(join(root, "work")), false);
  });

  test("a login reaches the client by its input, for the image's own registry, and is not kept", async () => {
    const script = `${nothingThere}
case "$1" in
  login) mkdir -p "$DOCKER_CONFIG"; echo secret >"$DOCKER_CONFIG/config.json"; echo "$* $(cat)" >'${root}/login' ;;
  *) test -e "$DOCKER_CONFIG/config.json" && echo 'the login is there' >&2; exit 1 ;;
esac`;
    const login = { username: "alice", password: "correct-horse" };
    await assert.rejects(open({ engine: engineOf("outer", script), login }), { message: /the login is there$/ });
    const given = readFileSync(join(root, "login"), "utf8");
    assert.equal(given, "login --username alice --password-stdin example.test correct-horse\n");
    assert.equal(existsSync(join(root, "work")), false);
  });

  test("an engine without a socket cannot serve a privileged build in a container, and its name says so", async () => {
    await assert.rejects(
      open({ engine: engineOf("outer", ""), privilegedEngine: engineOf("podman under the name docker", "") }),
      {
        code: "CLIENT_ERROR",
        message: /podman under the name docker.+--environment host/,
      },
    );
  });
});
