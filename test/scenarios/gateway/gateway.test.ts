// `chubo run --gateway` and `chubo up --gateway`: what was pulled once needs no Docker Hub.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startChuboUp } from "../../fixtures/chubo-up.ts";
import { repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const example = join(repository, "examples", "docker-hub-limit");

function runExample(state: string, options: string[]) {
  const words = ["run", join(example, "anonymous.yml"), "--source", join(example, "app"), "--state", state, "--json"];
  return runChubo([...words, "--environment", "host", "--hub", "simulated", "--gateway", ...options]);
}

test("a build succeeds with no pull left at Docker Hub once its image was pulled through the gateway", async (t) => {
  const state = temporaryDirectory(t);
  const first = await runExample(state, []);
  assert.equal(first.status, 0, first.stderr);
  const { pulls } = resultOf(first);
  assert.ok(
    pulls.some(
      ({ reference, as, counted }) => reference.startsWith("docker.io/library/httpd") && as === "anonymous" && counted,
    ),
  );
  const second = await runExample(state, ["--hub-remaining", "0"]);
  assert.equal(second.status, 0, second.stderr);
  const result = resultOf(second);
  assert.deepEqual(result.pulls, []);
  assert.equal(result.images.length, 1);
});

test("chubo up serves Docker Hub's images by prefix and namespace beside the account's own registry", async (t) => {
  const up = await startChuboUp(temporaryDirectory(t), ["--gateway"]);
  t.after(up.stop);
  const url = (await up.shell('printf %s "$AWS_ENDPOINT_URL"')).trim();
  const status = async (path: string) => (await fetch(`${url}/v2/${path}`)).status;
  assert.equal(await status("docker.io/library/httpd/manifests/2.4"), 200);
  assert.equal(await status("library/httpd/manifests/2.4?ns=docker.io"), 200);
  assert.equal(await status("a/b/manifests/1?ns=registry.example"), 403);
  assert.equal(await status("library/httpd/manifests/2.4"), 401);
});
