// The published article's template in a container: an environment image as teams make their own, and the docker client in it.
import assert from "node:assert/strict";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";
import { makeEnvironmentImage } from "../../fixtures/environment-image.ts";
import { repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";
import { serveImages } from "../serve-images.ts";

const inputs = join(repository, "..", "shared", "inputs");
const path = programPath(process.env.PATH ?? "");
const lacksProgram = ["debootstrap", "dockerd"].find((name) => findPrograms(name, path).length === 0);
const skip = !existsSync(inputs)
  ? "the article's template is not beside the repository"
  : process.getuid?.() !== 0
    ? "debootstrap needs root"
    : lacksProgram === undefined
      ? false
      : `${lacksProgram} is not installed`;

test("the article's build runs in an image with aws, jq, git and the docker client, and pushes", {
  skip,
}, async (t) => {
  const place = await serveImages(t, makeEnvironmentImage());
  const source = join(temporaryDirectory(t), "app");
  cpSync(join(inputs, "app"), source, { recursive: true });
  writeFileSync(
    join(source, "chubo.yml"),
    `images:\n  aws/codebuild/amazonlinux2-x86_64-standard:4.0: ${place}/build/debian:1\n`,
  );
  const outcome = await runChubo([
    "run",
    ...[join(inputs, "surroundings.yml"), join(inputs, "article-template.yml"), "--source", source],
    ...["DockerHubUserName=alice", "DockerHubPassword=correct-horse", "PJPrefix=demo"].flatMap((parameter) => [
      "--parameter",
      parameter,
    ]),
    ...["--hub", "simulated", "--hub-account", "alice:correct-horse:personal", "--hub-remaining", "0"],
    ...["--environment", "container", "--engine", "docker", "--state", temporaryDirectory(t), "--json"],
  ]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, new RegExp(`environment: container of ${place}/build/debian:1;`));
  assert.match(outcome.stderr, /CODEBUILD_SRC_DIR=\/codebuild\/output\/src\d{9}\/src/);
  const { images, pulls, builds } = resultOf(outcome);
  assert.equal(images[0]?.repository, "demo-app");
  const hubPulls = pulls.filter(({ registry }) => registry === "docker.io");
  assert.ok(hubPulls.length > 0 && hubPulls.every((pull) => pull.as === "alice"));
  assert.deepEqual(builds[0]?.artifacts[0]?.files.toSorted(), ["imageDetail.json", "taskdef.json"]);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /correct-horse/);
});
