import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chooseDockerClient, findDockerClients } from "../../../src/containers/docker-client.ts";
import { programPath } from "../../../src/containers/find-program.ts";
import { writeOneProject } from "../one-project.ts";
import { repository, runChubo, temporaryDirectory } from "../run-chubo.ts";

const chosen = chooseDockerClient(await findDockerClients(programPath(process.env.PATH ?? "")));
const skip = chosen?.buildKit === "none" || chosen === undefined ? "no docker client here has BuildKit" : false;

test("a run passes over a docker client without BuildKit that stands first on PATH, and says which it took and why", {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  // As old as BuildKit is not, so that a buildx plugin on this machine changes nothing.
  const old = join(directory, "docker");
  writeFileSync(old, '#!/bin/sh\n[ "$1" = --version ] && echo "Docker version 17.03.0-ce, build 1" || exit 99\n', {
    mode: 0o755,
  });
  const commands = ["docker version --format 'client {{.Client.Version}}'"];
  const template = writeOneProject(directory, { commands, privileged: true });
  const place = ["--source", join(repository, "docs"), "--state", join(directory, "state"), "--environment", "host"];
  const path = `${directory}:${process.env.PATH}`;
  const outcome = await runChubo(["run", template, ...place, "--engine", "docker", "--json"], { path });
  assert.equal(outcome.status, 0, outcome.stderr);
  const { version = "", file = "" } = chosen ?? {};
  const note = `private dockerd, client ${version} (${file}), because ${old} (17.03.0-ce) has no BuildKit\n`;
  assert.ok(outcome.stderr.includes(note), outcome.stderr);
  assert.ok(outcome.stderr.includes(`\nclient ${version}\n`), outcome.stderr);
});
