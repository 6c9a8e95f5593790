import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, zipOf } from "../../../../test/builds/run-test-build.ts";
import type { BuildRecord } from "../build.ts";
import type { ProjectRecord } from "../project.ts";

const url = "https://github.com/owner/app";

/** A repository with two commits on main, a branch, a tag and settings that a build must not notice. */
function makeRepository(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-repository-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const git = (...words: string[]) => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    return execFileSync("git", [...identity, "-C", directory, ...words], { encoding: "utf8", stdio: "pipe" }).trim();
  };
  const write = (name: string, text: string) => {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
  };
  const commit = (name: string, text: string) => {
    write(name, text);
    git("add", "-A");
    git("commit", "-qm", name);
    return git("rev-parse", "HEAD");
  };
  git("init", "-q", "-b", "main");
  write(".gitignore", "ignored\n");
  const first = commit("a.txt", "one\n");
  git("tag", "v1");
  git("checkout", "-qb", "feature");
  const feature = commit("feature.txt", "f\n");
  git("checkout", "-q", "main");
  const second = commit("a.txt", "two\n");
  return { directory, git, write, commit, first, feature, second };
}

type Repository = ReturnType<typeof makeRepository>;

interface GitBuild {
  commands: string[];
  sourceVersion?: string;
  source?: Partial<ProjectRecord["source"]>;
  project?: Partial<ProjectRecord>;
}

function build(t: TestContext, { directory }: Repository, options: GitBuild) {
  const buildspec = buildspecOf({ build: options.commands });
  return runTestBuild(t, buildspec, {
    sourceZip: undefined,
    project: {
      source: { type: "GITHUB", location: url, buildspec, ...options.source },
      artifacts: { type: "NO_ARTIFACTS" },
      ...(options.sourceVersion === undefined ? {} : { sourceVersion: options.sourceVersion }),
      ...options.project,
    },
    account: ({ directories }) => void directories.set(url, directory),
  });
}

const succeeded = ({ build: { status }, log }: { build: BuildRecord; log: string }) =>
  assert.equal(status, "SUCCEEDED", log);

test("a repository is taken from the directory that stands in for it, below its host's name, and the log says so", async (t) => {
  const repository = makeRepository(t);
  const commands = [
    "cat a.txt; pwd; git rev-parse HEAD; git remote get-url origin; git log --oneline | wc -l",
    'echo "dir $CODEBUILD_SRC_DIR"; echo "url $CODEBUILD_SOURCE_REPO_URL is $CODEBUILD_RESOLVED_SOURCE_VERSION"',
  ];
  const built = await build(t, repository, { commands });
  succeeded(built);
  assert.match(built.log, /^two\n\/.*\/output\/src\d{9}\/src\/github\.com\/owner\/app\n/m);
  assert.match(built.log, new RegExp(`^${repository.second}\n${url}\n\\s*2$`, "m"));
  assert.match(built.log, /^dir \/.*\/src\/github\.com\/owner\/app$/m);
  assert.match(built.log, new RegExp(`^url ${url} is ${repository.second}$`, "m"));
  assert.match(built.log, new RegExp(`Source ${url} is taken from the directory ${repository.directory}: commit `));
  assert.match(built.log, /Not setting HTTP client timeout for source type github\n/);
  assert.equal(built.build.resolvedSourceVersion, repository.second);
});

for (const [version, name, text] of [
  ["v1", "first", "one"],
  ["feature", "feature", "one\nf"],
  ["refs/heads/main", "second", "two"],
] as const) {
  test(`source version ${version} is checked out`, async (t) => {
    const repository = makeRepository(t);
    const commands = ["cat a.txt feature.txt 2> /dev/null; git status --porcelain", "git rev-parse HEAD"];
    const built = await build(t, repository, { commands, sourceVersion: version });
    succeeded(built);
    assert.match(built.log, new RegExp(`^${text}\n`, "m"));
    assert.equal(built.build.resolvedSourceVersion, repository[name]);
    assert.match(built.log, new RegExp(`^${repository[name]}$`, "m"));
  });
}

test("a commit that no branch holds any more is checked out by its ID, with the depth that is asked for", async (t) => {
  const repository = makeRepository(t);
  const lost = repository.commit("lost.txt", "lost\n");
  repository.git("reset", "-q", "--hard", repository.second);
  const options = { commands: ["cat lost.txt; git log --oneline | wc -l"], sourceVersion: lost };
  const shallow = await build(t, repository, { ...options, source: { gitCloneDepth: 1 } });
  succeeded(shallow);
  assert.match(shallow.log, /^lost\n\s*1$/m);
  const deep = await build(t, repository, { ...options, source: { gitCloneDepth: 26 } });
  assert.match(deep.log, /^lost\n\s*3$/m);
});

test("without a version what is not committed yet is built too, and what is ignored is not", async (t) => {
  const repository = makeRepository(t);
  repository.commit("link/inner.txt", "inner\n");
  repository.commit("gone.txt", "gone\n");
  rmSync(join(repository.directory, "gone.txt"));
  rmSync(join(repository.directory, "link"), { recursive: true });
  symlinkSync("a.txt", join(repository.directory, "link"));
  repository.write("a.txt", "changed\n");
  repository.write("new/b.txt", "new\n");
  repository.write("ignored", "x");
  repository.write(".chubo/state", "x");
  const built = await build(t, repository, { commands: ["cat a.txt new/b.txt link", "ls -A"] });
  succeeded(built);
  assert.match(built.log, /^changed\nnew\nchanged\n/m);
  assert.match(built.log, /^\.git\n\.gitignore\na\.txt\nlink\nnew\n$/m);
  assert.match(built.log, /commit [0-9a-f]{12} and 5 changes that are not committed/);
  assert.equal(repository.git("status", "--porcelain", "a.txt"), "M a.txt");
});

test("a password in a repository's URL is not in the log", async (t) => {
  const repository = makeRepository(t);
  const location = "https://alice:correct-horse@github.com/owner/app";
  const { build: record, log } = await runTestBuild(t, "", {
    sourceZip: undefined,
    project: {
      source: { type: "GITHUB", location, buildspec: buildspecOf({ build: ["pwd"] }) },
      artifacts: { type: "NO_ARTIFACTS" },
    },
    account: ({ directories }) => void directories.set(location, repository.directory),
  });
  assert.equal(record.status, "SUCCEEDED", log);
  assert.doesNotMatch(log, /correct-horse/);
  assert.match(log, /^\/.*\/src\/github\.com\/owner\/app$/m);
});

test("a build cannot spoil the repository that it is taken from", async (t) => {
  const repository = makeRepository(t);
  const spoil = "rm -rf .git/objects/*; find . -type f -exec sh -c ': > \"$1\"' sh {} \\;";
  succeeded(await build(t, repository, { commands: [spoil] }));
  assert.equal(repository.git("fsck", "--full"), "");
  assert.equal(repository.git("status", "--porcelain"), "");
});

test("submodules are taken from where the directory has them, if the project asks for them", async (t) => {
  const [outer, inner] = [makeRepository(t), makeRepository(t)];
  outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.directory, "lib");
  outer.git("commit", "-qm", "submodule");
  const commands = ["cat lib/a.txt || echo none", "git submodule status"];
  const fetched = await build(t, outer, { commands, source: { gitSubmodulesConfig: { fetchSubmodules: true } } });
  succeeded(fetched);
  assert.match(fetched.log, new RegExp(`^two$[^]*^ ${inner.second} lib`, "m"));
  assert.match((await build(t, outer, { commands })).log, /^none$/m);
  outer.git("submodule", "--quiet", "deinit", "-f", "lib");
  const missing = await build(t, outer, { commands, source: { gitSubmodulesConfig: { fetchSubmodules: true } } });
  assert.match(failureOf(missing.build), /CLIENT_ERROR: the submodule lib is not in .*git submodule update --init/);
});

test("a version that there is not fails DOWNLOAD_SOURCE and names it", async (t) => {
  const repository = makeRepository(t);
  for (const sourceVersion of ["nonesuch", "--upload-pack=touch /tmp/x", "pr/7"]) {
    const built = await build(t, repository, { commands: ["true"], sourceVersion });
    const failure = `reference not found in ${repository.directory} for primary source and source version ${sourceVersion}`;
    assert.equal(failureOf(built.build), `DOWNLOAD_SOURCE CLIENT_ERROR: ${failure}`);
  }
});

test("a directory that is no repository is copied, without its state, and has no versions", async (t) => {
  const repository = makeRepository(t);
  const directory = join(repository.directory, "ignored");
  mkdirSync(join(directory, ".chubo"), { recursive: true });
  writeFileSync(join(directory, "plain.txt"), "plain\n");
  const built = await build(t, { ...repository, directory }, { commands: ["cat plain.txt; ls -A"] });
  assert.match(built.log, /^plain\nplain\.txt\n$/m);
  assert.equal(built.build.resolvedSourceVersion, undefined);
  const versioned = await build(t, { ...repository, directory }, { commands: ["true"], sourceVersion: "main" });
  assert.match(failureOf(versioned.build), /CLIENT_ERROR: reference not found: .* is no git repository/);
});

test("a directory that has gone fails DOWNLOAD_SOURCE and is named", async (t) => {
  const repository = makeRepository(t);
  const directory = join(repository.directory, "gone");
  const built = await build(t, { ...repository, directory }, { commands: ["true"] });
  assert.match(failureOf(built.build), /^DOWNLOAD_SOURCE CLIENT_ERROR: ENOENT: .*\/gone' for primary source$/);
});

test("secondary sources lie beside the primary one and have variables of their own", async (t) => {
  const repository = makeRepository(t);
  const buildspec = buildspecOf({
    build: [
      'cat "$CODEBUILD_SRC_DIR_code/a.txt" "$CODEBUILD_SRC_DIR_data/x.txt" "$CODEBUILD_SRC_DIR/p.txt"',
      'echo "$CODEBUILD_SRC_DIR_code $CODEBUILD_SOURCE_REPO_URL_code $CODEBUILD_SOURCE_VERSION_code"',
    ],
  });
  const { build: record, log } = await runTestBuild(t, buildspec, {
    sourceZip: undefined,
    project: {
      source: { type: "S3", location: "bucket/p.zip", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      settings: {
        secondarySources: [
          { type: "GITHUB", location: url, sourceIdentifier: "code" },
          { type: "S3", location: "bucket/data/", sourceIdentifier: "data" },
        ],
        secondarySourceVersions: [{ sourceIdentifier: "code", sourceVersion: "v1" }],
      },
    },
    async account({ directories, objects }) {
      directories.set(url, repository.directory);
      objects.set("bucket/data/x.txt", Buffer.from("data\n"));
      objects.set("bucket/data/sub/", Buffer.alloc(0));
      objects.set("bucket/p.zip", archive);
    },
  });
  assert.equal(record.status, "SUCCEEDED", log);
  assert.match(log, /^one\ndata\nprimary\n/m);
  assert.match(log, new RegExp(`^/.*/src\\d{9}/src/github\\.com/owner/app ${url} v1$`, "m"));
});

const archive = await zipOf({ "p.txt": "primary\n" });

test("a folder of S3 whose names lead out of it is refused", async (t) => {
  const buildspec = buildspecOf({ build: ["true"] });
  const { build: record } = await runTestBuild(t, buildspec, {
    sourceZip: undefined,
    project: { source: { type: "S3", location: "bucket/data/", buildspec }, artifacts: { type: "NO_ARTIFACTS" } },
    account: ({ objects }) => void objects.set("bucket/data/../../x.txt", Buffer.from("x")),
  });
  assert.match(
    failureOf(record),
    /CLIENT_ERROR: the source folder holds data\/\.\.\/\.\.\/x\.txt, which leads out of it/,
  );
});
