// Builds in containers that find what earlier ones have left, in S3 (by busybox's tools, and by Debian's) and in a local cache.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { findPrograms } from "../../../src/containers/find-program.ts";
import { buildspecOf } from "../../builds/run-test-build.ts";
import { makeEnvironmentImage } from "../../fixtures/environment-image.ts";
import { path, skip } from "../build-engine/plain-container.ts";
import { serveImages } from "../serve-images.ts";
import { openUpBuilds } from "../up-builds.ts";

const [busybox, debian] = ["busybox:latest", "build/debian:1"];
const hasDebootstrap = findPrograms("debootstrap", path).length > 0;
const images = { [busybox]: skip, [debian]: skip || (hasDebootstrap ? false : "needs debootstrap") };

/** Below the source directory, the home directory, and elsewhere in the container. */
const paths = ["deps/**/*", "/root/.m2/**/*", "/opt/tool/**/*"];
const fill = [
  "mkdir -p deps/sub ~/.m2 /opt/tool/bin",
  "echo kept > 'deps/sub/two words'; echo dash > deps/-x; echo umlaut > deps/ü; ln -s 'sub/two words' deps/link",
  "echo home > ~/.m2/settings.xml; printf '#!/bin/sh\\necho ran\\n' > /opt/tool/bin/run; chmod 755 /opt/tool/bin/run",
  "ln -s /nowhere deps/broken; chown 4242:4242 deps/ü",
];
const look = [
  "cat deps/link ./deps/-x deps/ü ~/.m2/settings.xml; /opt/tool/bin/run; test -L deps/link && echo a link",
  "readlink deps/broken; stat -c %u:%g deps/ü",
];
const found = "kept\ndash\numlaut\nhome\nran\na link\n";

for (const [image, reason] of Object.entries(images)) {
  const options = { skip: reason, timeout: 300_000 };
  const place = async (t: TestContext) =>
    image === debian ? `${await serveImages(t, makeEnvironmentImage())}/${image}` : image;

  test(`in a container of ${image} an S3 cache brings back files, links, modes and owners`, options, async (t) => {
    const { makeProject, makeBucket, build } = await openUpBuilds(t);
    await makeBucket("caches");
    await makeProject("cached", await place(t), { cache: { type: "S3", location: "caches/here" } });
    const cache = { key: "lock-$LOCK", "fallback-keys": ["lock-"], paths };
    const phases = (LOCK: string, commands: string[]) =>
      buildspecOf({ build: commands }, { cache, env: { variables: { LOCK } } });
    const hash = "codebuild-hash-files 'deps/**/*' | sed 's/^/hash /'";
    const first = await build("cached", phases("1", [...fill, hash]));
    assert.equal(first.build.buildStatus, "SUCCEEDED", first.log);
    const hashed = /^hash [0-9a-f]{64}$/m.exec(first.log)?.[0];
    // The second lock has no cache of its own yet.
    for (const lock of ["1", "2"]) {
      const { build: later, log } = await build("cached", phases(lock, [...look, hash]));
      assert.equal(later.buildStatus, "SUCCEEDED", log);
      assert.ok(log.includes(found), log);
      assert.match(log, /^\/nowhere\n4242:4242$/m);
      assert.equal(/^hash [0-9a-f]{64}$/m.exec(log)?.[0], hashed);
    }
  });
}

test("in a container a local cache stands in the next build as links", { skip, timeout: 60_000 }, async (t) => {
  const { makeProject, build } = await openUpBuilds(t);
  await makeProject("cached", busybox, { cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] } });
  const first = await build("cached", buildspecOf({ build: fill }, { cache: { paths } }));
  assert.equal(first.build.buildStatus, "SUCCEEDED", first.log);
  assert.match(
    first.log,
    /Symlinking: \/opt\/tool\/\*\*\/\* => \/codebuild\/local-cache\/custom\/[0-9a-f]{64}\/tool\n/,
  );
  const inside = "find /codebuild/local-cache -maxdepth 1; test -L /opt/tool && test -L deps && echo links";
  const second = await build("cached", buildspecOf({ build: [...look, inside] }, { cache: { paths } }));
  assert.equal(second.build.buildStatus, "SUCCEEDED", second.log);
  assert.ok(second.log.includes(found), second.log);
  assert.match(second.log, /^\/codebuild\/local-cache\n\/codebuild\/local-cache\/custom\nlinks$/m);
});
