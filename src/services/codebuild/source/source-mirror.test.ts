import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { buildspecOf, openTestAccount, testProject } from "../../../../test/builds/run-test-build.ts";

const url = "https://github.com/owner/app";

function makeRepository(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-repository-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const git = (...words: string[]) => {
    const settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"];
    return execFileSync("git", [...settings, "-C", directory, ...words], { encoding: "utf8", stdio: "pipe" }).trim();
  };
  const commit = (name: string, text: string) => {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
    git("add", "-A");
    git("commit", "-qm", name);
  };
  git("init", "-q", "-b", "main");
  commit("a.txt", "one\n");
  git("tag", "v1");
  git("branch", "old");
  commit("a.txt", "two\n");
  return { directory, git, commit };
}

/** Builds of one project whose repository that directory stands in for. */
function openBuilds(t: TestContext, { directory }: { directory: string }) {
  const opened = openTestAccount(t);
  opened.directories.set(url, directory);
  const mirrors = join(opened.cachesDirectory, "caches/p1/sources");
  const build = async (commands: string[], { modes = ["LOCAL_SOURCE_CACHE"], source = {} } = {}) => {
    opened.log = "";
    const project = testProject({
      source: { type: "GITHUB", location: url, buildspec: buildspecOf({ build: commands }), ...source },
      artifacts: { type: "NO_ARTIFACTS" },
      settings: { cache: { type: "LOCAL", modes } } as never,
    });
    const { status } = await opened.codeBuild.ended(opened.codeBuild.start(project, {}, {}).id);
    return { status, log: opened.log };
  };
  return { build, mirrors };
}

/** Takes the content of a file in an old commit away, so that it can be given to nobody. */
function loseOldContent({ directory, git }: ReturnType<typeof makeRepository>, name: string): void {
  const id = git("rev-parse", name);
  rmSync(join(directory, ".git/objects", id.slice(0, 2), id.slice(2)));
}

const show = [
  "git for-each-ref; git log --all --oneline; git status --short --branch; git remote -v; cat a.txt; git fsck --strict",
];

test("a second build asks for what is new only, and has the whole repository all the same", async (t) => {
  const repository = makeRepository(t);
  const { build } = openBuilds(t, repository);
  const first = await build(show);
  assert.equal(first.status, "SUCCEEDED", first.log);
  repository.commit("a.txt", "three\n");
  loseOldContent(repository, "v1:a.txt");
  const second = await build([...show, "git show v1:a.txt"]);
  assert.equal(second.status, "SUCCEEDED", second.log);
  assert.match(second.log, /^three\n[\s\S]*^one$/m);
  const without = await build(show, { modes: ["LOCAL_CUSTOM_CACHE"] });
  assert.match(without.log, /missing blob|unable to read|failed|not our ref|remote error|fatal/);
  assert.equal(without.status, "FAILED");
});

test("a repository out of a mirror has the same as one without, when branches and tags have gone and moved as well", async (t) => {
  const repository = makeRepository(t);
  const { build } = openBuilds(t, repository);
  const output = async (modes: string[]) => {
    const { log, status } = await build(show, { modes });
    assert.equal(status, "SUCCEEDED", log);
    return log.slice(log.indexOf("Running command")).replaceAll(/^\[Container\].*\n/gm, "");
  };
  assert.equal(await output(["LOCAL_SOURCE_CACHE"]), await output([]));
  repository.commit("b.txt", "b\n");
  for (const words of ["branch -D old", "branch old/er", "tag -f v1", "tag v2"]) repository.git(...words.split(" "));
  writeFileSync(join(repository.directory, "a.txt"), "not committed\n");
  const later = await output(["LOCAL_SOURCE_CACHE"]);
  assert.match(later, /^not committed$/m);
  assert.match(later, /refs\/remotes\/origin\/old\/er/);
  assert.equal(later, await output([]));
});

test("what a build does to its repository does not reach the mirror", async (t) => {
  const repository = makeRepository(t);
  const { build } = openBuilds(t, repository);
  const spoil = "find .git/objects -type f | while read -r file; do chmod u+w $file; echo spoilt > $file; done";
  assert.equal((await build([spoil])).status, "SUCCEEDED");
  loseOldContent(repository, "v1:a.txt");
  const { log, status } = await build(show);
  assert.equal(status, "SUCCEEDED", log);
});

for (const [title, spoil] of Object.entries({
  "whose content is spoilt": (mirror: string) => {
    for (const file of globSync(`${mirror}/objects/pack/*`)) {
      rmSync(file);
      writeFileSync(file, "spoilt");
    }
  },
  "whose records are gone": (mirror: string) => rmSync(join(mirror, "packed-refs")),
  "that is no repository": (mirror: string) => writeFileSync(join(mirror, "config"), "[broken"),
})) {
  test(`a mirror ${title} fails no build`, async (t) => {
    const repository = makeRepository(t);
    const { build, mirrors } = openBuilds(t, repository);
    await build(show);
    spoil(join(mirrors, readdirSync(mirrors)[0] ?? ""));
    const second = await build(show);
    assert.equal(second.status, "SUCCEEDED", second.log);
    assert.equal((await build(show)).status, "SUCCEEDED");
    loseOldContent(repository, "v1:a.txt");
    assert.equal((await build(show)).status, "SUCCEEDED");
  });
}

test("submodules have mirrors of their own; a few commits, and a repository that has not all, have none", async (t) => {
  const [inner, outer] = [makeRepository(t), makeRepository(t)];
  outer.git("submodule", "--quiet", "add", pathToFileURL(inner.directory).href, "inner");
  outer.git("commit", "-qm", "inner");
  const { build, mirrors } = openBuilds(t, outer);
  const submodules = { gitSubmodulesConfig: { fetchSubmodules: true } };
  for (const _ of [1, 2]) {
    const { log, status } = await build(["cat inner/a.txt"], { source: submodules });
    assert.equal(status, "SUCCEEDED", log);
  }
  assert.equal(readdirSync(mirrors).length, 2);
  const shallow = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(shallow, { recursive: true, force: true }));
  execFileSync("git", ["clone", "-q", "--depth", "1", pathToFileURL(inner.directory).href, shallow], { stdio: "pipe" });
  for (const [directory, source] of [
    [shallow, {}],
    [inner.directory, { gitCloneDepth: 1 }],
  ] as const) {
    const other = openBuilds(t, { directory });
    const { log, status } = await other.build(["git log --oneline | wc -l; git fsck"], { source });
    assert.equal(status, "SUCCEEDED", log);
    assert.match(log, /^\s*1$/m);
    assert.ok(!existsSync(other.mirrors));
  }
});
