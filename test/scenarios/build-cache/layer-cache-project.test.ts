// A project with LOCAL_DOCKER_LAYER_CACHE, built twice by two runs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { skip } from "../build-engine/plain-container.ts";
import { writeOneProject } from "../one-project.ts";
import { repository, runChubo, temporaryDirectory } from "../run-chubo.ts";

const commands = [
  "printf 'FROM busybox\\nRUN echo made >/made\\n' >Dockerfile",
  "DOCKER_BUILDKIT=0 docker build -t made . && docker run --rm made cat /made",
];

for (const environment of ["host", "container"]) {
  test(`in ${environment === "host" ? "a private directory" : "a container"} a second build makes no layer again and pulls no base image`, {
    skip,
    timeout: 120_000,
  }, async (t) => {
    const directory = temporaryDirectory(t);
    const cache = { Type: "LOCAL", Modes: ["LOCAL_DOCKER_LAYER_CACHE"] };
    const template = writeOneProject(directory, { commands, privileged: true, cache, image: "busybox:latest" });
    const words = ["run", template, "--source", join(repository, "docs"), "--state", join(directory, "state")];
    const more = ["--environment", environment, "--engine", "docker", "--hub", "simulated", "--json"];
    const first = await runChubo([...words, ...more]);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /with no layers of earlier builds yet/);
    assert.doesNotMatch(first.stderr, /Using cache|has no effect here/);
    // In a container the build's own image is one.
    const left = environment === "host" ? "0" : "1";
    const second = await runChubo([...words, ...more, "--hub-remaining", left]);
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stderr, /with the layers of earlier builds/);
    assert.match(second.stderr, /Using cache\n.*\nSuccessfully built/);
    assert.match(second.stderr, /^made$/m);
  });
}
