import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  buildspecOf,
  openTestAccount,
  type TestAccount,
  testProject,
  zipOf,
} from "../../../../test/builds/run-test-build.ts";
import type { BuildRecord } from "../build.ts";
import type { EnvironmentRequest } from "../collaborators.ts";
import { openHostEnvironment } from "../environment/host-environment.ts";
import { cacheOperations } from "../operations/cache-operations.ts";
import { openLocalCaches } from "./local-caches.ts";

const inS3 = { type: "S3", location: "bucket/caches" };
const local = { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] };

/** Builds of projects of one account, one after the other. */
function openBuilds(t: TestContext) {
  const opened = openTestAccount(t);
  const build = async (
    commands: string[],
    cache: object,
    options: { project?: string; settings?: object; files?: Record<string, string> } = {},
  ): Promise<{ build: BuildRecord; log: string }> => {
    const { project: name = "p1", settings = inS3, files = { "lock.json": "1" } } = options;
    const buildspec = buildspecOf({ build: commands }, { cache });
    const record = opened.codeBuild.store.projects.get(name);
    const project = {
      name,
      ...record,
      source: { type: "CODEPIPELINE", buildspec },
      settings: { cache: settings } as never,
    };
    opened.codeBuild.store.projects.put(name, testProject(project));
    opened.log = "";
    const { id } = opened.codeBuild.start(testProject(project), {}, { sourceZip: await zipOf(files) });
    return { build: await opened.codeBuild.ended(id), log: opened.log };
  };
  return { opened, build };
}

const keys = ({ objects }: TestAccount) => [...objects.keys()];
const fill = [
  "mkdir -p deps/sub ~/.m2; echo kept > deps/sub/x; ln -s sub/x deps/link; chmod 700 deps/sub/x; echo home > ~/.m2/y",
];
const look = ["cat deps/link ~/.m2/y; test -x deps/sub/x && test -L deps/link && echo as it was"];
const paths = ["deps/**/*", "/root/.m2/**/*"];

test("what a build leaves in an S3 cache, the next one finds: content, modes and links, also of the home directory", async (t) => {
  const { build, opened } = openBuilds(t);
  const first = await build(fill, { paths });
  assert.match(first.log, /Expanded cache path deps\/\*\*\/\*\n/);
  assert.match(first.log, /Downloading S3 cache\.\.\.\n.*Unable to download cache: NoSuchKey/);
  assert.match(
    first.log,
    /Entering phase POST_BUILD\n.*Uploading S3 cache\.\.\.\n.*Phase complete: POST_BUILD State: SUCCEEDED/,
  );
  assert.match(keys(opened).join(), /^bucket\/caches\/p1\/[0-9a-f]{16}$/);
  const second = await build(look, { paths });
  assert.match(second.log, /Unarchiving cache\.\.\./);
  assert.match(second.log, /^kept\nhome\nas it was$/m);
});

test("a key is evaluated by the shell, is exact, and is written once", async (t) => {
  const { build, opened } = openBuilds(t);
  const cache = { key: "npm-$(codebuild-hash-files lock.json)", paths: ["deps/**/*"] };
  await build(["mkdir deps; echo one > deps/x"], cache);
  const [first] = keys(opened);
  assert.match(first ?? "", /\/npm-[0-9a-f]{64}$/);
  const again = await build(["cat deps/x; echo two > deps/x"], cache);
  assert.match(again.log, /^one$/m);
  assert.match(again.log, /Cache with this key exists already/);
  assert.match((await build(["cat deps/x"], cache)).log, /^one$/m);
  const other = await build(["cat deps/x || true"], cache, { files: { "lock.json": "2" } });
  assert.match(other.log, /NoSuchKey/);
});

test("fallback keys are tried by their beginnings, in order", async (t) => {
  const { build } = openBuilds(t);
  await build(["mkdir deps; echo old > deps/x"], { key: "npm-1", paths: ["deps/**/*"] });
  const { log } = await build(["cat deps/x"], {
    key: "npm-2",
    "fallback-keys": ["none-", "npm-"],
    paths: ["deps/**/*"],
  });
  assert.match(log, /^old$/m);
});

test("action restore saves nothing, and save restores nothing", async (t) => {
  const { build, opened } = openBuilds(t);
  const cacheOf = (action: string) => ({ action, paths: ["deps/**/*"] });
  await build(["mkdir deps; touch deps/x"], cacheOf("restore"));
  assert.deepEqual(keys(opened), []);
  await build(["mkdir deps; touch deps/x"], cacheOf("save"));
  assert.equal(keys(opened).length, 1);
  const { log } = await build(["test ! -e deps"], cacheOf("save"));
  assert.doesNotMatch(log, /Downloading/);
});

test("projects share an S3 cache by their namespace only", async (t) => {
  const { build } = openBuilds(t);
  const cache = { paths: ["deps/**/*"] };
  await build(["mkdir deps; echo shared > deps/x"], cache, { settings: { ...inS3, cacheNamespace: "all" } });
  const found = await build(["cat deps/x"], cache, { project: "p2", settings: { ...inS3, cacheNamespace: "all" } });
  assert.match(found.log, /^shared$/m);
  const { log } = await build(["test ! -e deps && echo nothing"], cache, { project: "p2" });
  assert.match(log, /^nothing$/m);
});

test("a failed build leaves its S3 cache as it was", async (t) => {
  const { build, opened } = openBuilds(t);
  await build(["mkdir deps; touch deps/x; false"], { paths: ["deps/**/*"] });
  assert.deepEqual(keys(opened), []);
});

test("entries of a cache that are not below its paths are left out", async (t) => {
  const { build, opened } = openBuilds(t);
  const cache = { paths: ["deps/**/*"] };
  await build(["mkdir deps; touch deps/x"], cache);
  const [key = ""] = keys(opened);
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  symlinkSync(".", join(directory, "source"));
  writeFileSync(join(directory, "evil"), "x");
  opened.objects.set(key, execFileSync("tar", ["-czf", "-", "-C", directory, "source/evil"]));
  const { log } = await build(["ls -a"], cache);
  assert.match(log, /Skipping cache entry: path "source\/evil" is not within allowed cache paths/);
  assert.doesNotMatch(log, /^evil$/m);
});

test("on this machine a path outside of the build's directories is neither read nor written", async (t) => {
  const { build, opened } = openBuilds(t);
  const { log } = await build(["true"], { paths: ["/etc/**/*", "../../**/*", "deps/../../../x"] });
  for (const path of ["/etc/\\*\\*/\\*", "\\.\\./\\.\\./\\*\\*/\\*", "deps/\\.\\./\\.\\./\\.\\./x"]) {
    assert.match(log, new RegExp(`Skipping cache path ${path}: it is outside of the build's directories`));
  }
  assert.deepEqual(keys(opened), []);
});

test("a local cache stands in the build as a link, in place of what the source has there, and no other project sees it", async (t) => {
  const { build, opened } = openBuilds(t);
  const cache = { paths: ["deps/**/*", "/root/.m2/**/*", "a.txt"] };
  const files = { "deps/of-source": "s", "a.txt": "a" };
  const first = await build(["ls deps; echo kept > deps/x; echo y > ~/.m2/y"], cache, { settings: local, files });
  assert.doesNotMatch(first.log, /^of-source$/m);
  assert.match(first.log, /MkdirAll: \/codebuild\/local-cache\/custom\/[0-9a-f]{64}\/deps\n/);
  assert.match(first.log, /Symlinking: \S+\/src\/deps => \/codebuild\/local-cache\/custom\/[0-9a-f]{64}\/deps\n/);
  assert.match(first.log, /Skipping cache path a\.txt: a local cache keeps directories only/);
  const second = await build(["cat deps/x ~/.m2/y; test -L deps && echo a link"], cache, { settings: local, files });
  assert.match(second.log, /^kept\ny\na link$/m);
  const other = await build(["ls deps && echo empty"], cache, { project: "p2", settings: local, files });
  assert.match(other.log, /^empty$/m);
  assert.doesNotMatch(other.log, /^x$/m);
  cacheOperations(opened.codeBuild).InvalidateProjectCache.run({ projectName: "p1" });
  assert.doesNotMatch((await build(["ls deps"], cache, { settings: local, files })).log, /^x$/m);
});

test("an invalidated S3 cache is found no more", async (t) => {
  const { build, opened } = openBuilds(t);
  const cache = { paths: ["deps/**/*"] };
  await build(["mkdir deps; touch deps/x"], cache);
  cacheOperations(opened.codeBuild).InvalidateProjectCache.run({ projectName: "p1" });
  assert.match((await build(["test ! -e deps && echo gone"], cache)).log, /^gone$/m);
});

test("a local cache behind a link of the source that leads out is not made", async (t) => {
  const outside = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(outside, { recursive: true, force: true }));
  writeFileSync(join(outside, "x"), "mine");
  const { zipStream } = await import("../artifacts/zip-writer.ts");
  const { buffer } = await import("node:stream/consumers");
  const target = Buffer.from(outside);
  const zip = await buffer(zipStream([{ name: "out", mode: 0o120777, content: target, size: target.length }]));
  const opened = openTestAccount(t);
  const buildspec = buildspecOf({ build: ["true"] }, { cache: { paths: ["out/x/**/*"] } });
  const { id } = opened.codeBuild.start(
    testProject({ source: { type: "CODEPIPELINE", buildspec }, settings: { cache: local } as never }),
    {},
    { sourceZip: zip },
  );
  await opened.codeBuild.ended(id);
  assert.match(opened.log, /Skipping cache path out\/x\/\*\*\/\*: it leads out of the source directory/);
  assert.deepEqual(readdirSync(outside), ["x"]);
});

test("of two builds at once, one has the project's local cache", async (t) => {
  const opened = openTestAccount(t);
  const buildspec = buildspecOf({ build: ["ls -d deps && sleep 0.3"] }, { cache: { paths: ["deps/**/*"] } });
  const project = testProject({
    source: { type: "NO_SOURCE", buildspec },
    artifacts: { type: "NO_ARTIFACTS" },
    settings: { cache: local } as never,
  });
  const started = [opened.codeBuild.start(project, {}, {}), opened.codeBuild.start(project, {}, {})];
  await Promise.all(started.map(({ id }) => opened.codeBuild.ended(id)));
  assert.equal(opened.log.match(/Symlinking/g)?.length, 1);
  assert.equal(opened.log.match(/Skip cache due to: another build of the project has its local cache/g)?.length, 1);
});

test("a local cache that has grown too large is removed", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const caches = openLocalCaches({ directory, mostBytes: 100_000 });
  const cache = caches.take("p");
  writeFileSync(join(cache?.directory ?? "", "small"), "x");
  assert.equal(await cache?.release(), false);
  const again = caches.take("p");
  assert.ok(existsSync(join(again?.directory ?? "", "small")));
  writeFileSync(join(again?.directory ?? "", "large"), Buffer.alloc(200_000, "x"));
  await delay(1);
  assert.equal(await again?.release(), true);
  assert.deepEqual(readdirSync(directory), []);
});

test("what an earlier process had not finished removing is removed at the next start", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const left = join(directory, ".removed-1-0");
  cpSync(import.meta.dirname, left, { recursive: true });
  openLocalCaches({ directory, mostBytes: 1 }).take("p1");
  while (existsSync(left)) await delay(5);
  assert.deepEqual(readdirSync(directory), ["p1"]);
});

test("of two builds at once, one has the project's layers and mirrors, and only a privileged build has layers", async (t) => {
  const given: (EnvironmentRequest["localCache"] | "nothing")[] = [];
  const opened = openTestAccount(t, {
    openEnvironment: ({ localCache }) => {
      given.push(localCache ?? "nothing");
      const { temporaryDirectory } = opened;
      return openHostEnvironment({ temporaryDirectory, pathPrefix: [], variables: {}, sourceNumber: 123456789 });
    },
  });
  const modes = ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"];
  const start = (privilegedMode: boolean) => {
    const plain = testProject({
      source: { type: "NO_SOURCE", buildspec: buildspecOf({ build: ["sleep 0.3"] }) },
      artifacts: { type: "NO_ARTIFACTS" },
      settings: { cache: { type: "LOCAL", modes } } as never,
    });
    return opened.codeBuild.start({ ...plain, environment: { ...plain.environment, privilegedMode } }, {}, {});
  };
  await Promise.all([start(true), start(true)].map(({ id }) => opened.codeBuild.ended(id)));
  await opened.codeBuild.ended(start(false).id);
  const place = join(opened.cachesDirectory, "caches/p1");
  const [layers, sources] = [join(place, "layers"), join(place, "sources")];
  assert.deepEqual(given, [{ layers, sources }, "nothing", { sources }]);
  assert.deepEqual(opened.notes.filter((note) => note.startsWith("another build")).length, 1);
  assert.equal(opened.log.match(/Warning: cache mode LOCAL_DOCKER_LAYER_CACHE without privilegedMode/g)?.length, 1);
});
