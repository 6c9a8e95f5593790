// `chubo fix --remedy gateway` on the example, and the builds after it, through a `chubo gateway` that has the image.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startChuboGateway } from "../../fixtures/chubo-gateway.ts";
import { repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

function run(t: TestContext, root: string) {
  const words = ["run", join(root, "anonymous.yml"), "--source", join(root, "app"), "--state", temporaryDirectory(t)];
  return runChubo([...words, "--hub", "simulated", "--hub-remaining", "0", "--environment", "host", "--json"]);
}

test("a build that fails with nothing remaining passes after fix --remedy gateway, and Docker Hub is not asked", async (t) => {
  const root = temporaryDirectory(t);
  cpSync(join(repository, "examples", "docker-hub-limit"), root, { recursive: true });
  rmSync(join(root, "with-login.yml"));
  const source = ["--source", join(root, "app")];
  const gateway = await startChuboGateway(t);
  const upstreams = ["--upstream", `docker.io=${gateway.hub.url}`];
  const words = ["gateway", "prefetch", "httpd:2.4", "--state", join(gateway.directory, "state"), ...upstreams];
  const prefetched = await runChubo(words);
  assert.equal(prefetched.status, 0, prefetched.stderr);
  gateway.hub.setRemaining(0);

  const before = await run(t, root);
  assert.equal(before.status, 1, before.stderr);
  assert.match(before.stderr, /toomanyrequests/);

  const fix = ["fix", root, ...source, "--remedy", "gateway", "--gateway", gateway.place];
  const mended = await runChubo(fix);
  assert.equal(mended.status, 0, mended.stderr);
  const dockerfile = join(root, "app", "Dockerfile");
  const text = readFileSync(dockerfile, "utf8");
  assert.ok(text.includes(`FROM ${gateway.place}/docker.io/library/httpd:2.4\n`), text);
  const checked = await runChubo(["check", root, ...source, "--fail-on", "note"]);
  assert.equal(checked.status, 0, checked.stdout);
  assert.equal((await runChubo(fix)).stdout, "nothing to mend\n");
  assert.equal(readFileSync(dockerfile, "utf8"), text);

  const after = await run(t, root);
  assert.equal(after.status, 0, after.stderr);
  assert.equal(resultOf(after).images.length, 1);
  assert.deepEqual(
    resultOf(after).pulls.filter(({ registry }) => registry === "docker.io"),
    [],
  );
  const served = gateway.events.filter(({ event, repository: name }) => {
    return event === "request" && name === "docker.io/library/httpd";
  });
  assert.ok(served.length > 0);
  assert.deepEqual([...new Set(served.map(({ status }) => status))], [200]);
});
