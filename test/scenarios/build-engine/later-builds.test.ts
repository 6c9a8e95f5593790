// Several builds of one `chubo up`, whose image stays in the engine between them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openUpBuilds } from "../up-builds.ts";
import { skip } from "./plain-container.ts";

const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - test ! -e /left && touch /left\n";

test("a later build of a process finds a fresh container, and its image costs no second pull", {
  skip,
  timeout: 60_000,
}, async (t) => {
  const { makeProject, build } = await openUpBuilds(t, ["--hub-remaining", "1"]);
  await makeProject("later", "busybox:latest");
  const next = () => build("later", buildspec);
  const built = [await next(), ...(await Promise.all([next(), next()]))];
  for (const { build, log } of built) assert.equal(build.buildStatus, "SUCCEEDED", log);
});
