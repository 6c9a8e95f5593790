// What `chubo check` does with files that no parser likes: it tells of them, reads the rest, and ends.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { runChubo, temporaryDirectory } from "../run-chubo.ts";

interface Result {
  references: { path: string; written: string }[];
  passedOver: { path: string; reason: string }[];
  notes: { path: string; message: string }[];
}

/** The result over the files and a sound Dockerfile beside them, whose image is found in each case. */
async function check(t: TestContext, files: Record<string, string | Buffer>, prepare?: (root: string) => void) {
  const root = temporaryDirectory(t);
  for (const [path, content] of Object.entries({ ...files, "sound/Dockerfile": "FROM nginx:1\n" })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  prepare?.(root);
  const outcome = await runChubo(["check", root, "--list", "--json", "--fail-on", "never"]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.equal(outcome.stderr, "");
  const result = JSON.parse(outcome.stdout) as Result;
  assert.ok(result.references.some(({ path }) => path === "sound/Dockerfile"));
  return result;
}

test("a binary is passed over in silence, and told where its name says that it is read", async (t) => {
  const program = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]);
  const utf16 = Buffer.from("FROM nginx:1\n", "utf16le");
  const { references, passedOver } = await check(t, { Dockerfile: utf16, program, "a.yml": program });
  assert.equal(references.length, 1);
  assert.deepEqual(passedOver, [{ path: "Dockerfile", reason: "binary" }]);
});

test("a YAML file of 50 MB is passed over, and told", async (t) => {
  const { passedOver } = await check(t, {
    "a.yml": "image: nginx # xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(1_050_000),
  });
  assert.deepEqual(passedOver, [{ path: "a.yml", reason: "larger than 5 MB" }]);
});

test("YAML and JSON of 100,000 levels end in a note", async (t) => {
  const open = '{"a":['.repeat(100_000);
  const { notes } = await check(t, {
    "compose.yml": `services:\n  image: ${"[".repeat(100_000)}`,
    "a.json": `{"apiVersion": "v1",\n"kind": "Pod", "image": ${open}`,
    "buildspec.yml": `version: 0.2\nphases: ${"{a: ".repeat(100_000)}`,
    Jenkinsfile: `docker.image('a'${"(".repeat(100_000)}`,
    "a.sh": `docker pull $(${"(".repeat(20_000)}`,
    "docker-bake.hcl": `target "a" { x = ${"[".repeat(100_000)}`,
  });
  for (const path of ["compose.yml", "buildspec.yml"])
    assert.ok(
      notes.some((note) => note.path === path),
      path,
    );
});

test("an alias bomb is not expanded", async (t) => {
  let next = 0;
  const levels = Array.from({ length: 30 }, (_, level) => {
    const before =
      level === 0
        ? '"nginx:1"'
        : Array(9)
            .fill(`*a${level - 1}`)
            .join(", ");
    return `a${level}: &a${level} [${before}]\n`;
  });
  const bomb = levels.join("");
  const mapBomb = bomb
    .replaceAll("[", "{ x0: ")
    .replaceAll("]", " }")
    .replace(/, /g, () => `, y${next++}: `);
  const { references } = await check(t, {
    "compose.yml": `${bomb}services:\n  web:\n    image: redis:7\n    ports: *a29\n    command: *a29\n`,
    ".github/workflows/a.yml": `${bomb}jobs:\n  a: { container: redis:7, services: *a29, steps: *a29 }\n`,
    ".gitlab-ci.yml": `${bomb}image: redis:7\njob: { script: *a29 }\n`,
    "pod.yml": `${bomb}apiVersion: v1\nkind: Pod\nspec: { containers: *a29, image: redis:7 }\n`,
    "values.yaml": `${bomb}image: *a29\n`,
    "buildspec.yml": `${bomb}version: 0.2\nphases: { build: { commands: *a29 } }\n`,
    "maps.values.yaml": mapBomb,
    "template.yml": `${bomb}AWSTemplateFormatVersion: "2010-09-09"\nResources: { A: { Type: AWS::CodeBuild::Project, Properties: *a29 } }\n`,
  });
  assert.ok(references.some(({ path }) => path === "compose.yml"));
});

test("lists and texts of some hundred thousand parts are read", async (t) => {
  const { references, notes } = await check(t, {
    "compose.yml": `services: {a: &a {image: "redis:7"}, b: *a}\nx: [${"1,".repeat(300_000)}1]\n`,
    "buildspec.yml": `version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        docker pull redis:7\n${"        true\n".repeat(300_000)}`,
    "a.sh": `docker run redis:7 ${"a ".repeat(300_000)}\n`,
  });
  assert.deepEqual([...new Set(references.map(({ path }) => path))].sort(), [
    "a.sh",
    "buildspec.yml",
    "compose.yml",
    "sound/Dockerfile",
  ]);
  assert.deepEqual(
    notes.map(({ path, message }) => [path, message.slice(0, 24)]),
    [["buildspec.yml", "more than 20000 commands"]],
  );
});

test("an alias of itself ends", async (t) => {
  await check(t, {
    "compose.yml": "services: &a\n  web: *a\n  b: { <<: *a, image: nginx }\n",
    "values.yaml": "image: &a\n  image: *a\n",
    "pod.yml": "apiVersion: v1\nkind: Pod\nspec: &a { containers: [*a], image: x }\n",
  });
});

test("a file that is not UTF-8 is passed over, and told", async (t) => {
  const { passedOver } = await check(t, {
    "compose.yml": Buffer.from("services: { a: { image: \xff\xfe } }", "latin1"),
  });
  assert.deepEqual(passedOver, [{ path: "compose.yml", reason: "not UTF-8" }]);
});

test("symbolic links in a circle, to nowhere and out of the directory are not followed", async (t) => {
  const { passedOver, references } = await check(t, {}, (root) => {
    symlinkSync(".", join(root, "sound", "again"));
    symlinkSync("nowhere", join(root, "Dockerfile"));
    symlinkSync("/etc", join(root, "etc"));
  });
  assert.deepEqual(passedOver.map(({ path }) => path).sort(), ["Dockerfile", "etc", "sound/again"]);
  assert.equal(references.length, 1);
});

test("a FIFO, and a folder named Dockerfile, hold nobody up", async (t) => {
  const fifos = [".gitignore", "Dockerfile", "chubo.yml"];
  const { references, passedOver } = await check(
    t,
    { "a/Dockerfile/b.txt": "x", "b/compose.yml/c.txt": "x" },
    (root) =>
      void execFileSync(
        "mkfifo",
        fifos.map((name) => join(root, name)),
      ),
  );
  assert.equal(references.length, 1);
  assert.deepEqual(
    passedOver,
    fifos.map((path) => ({ path, reason: "no regular file" })),
  );
});

test("a FIFO or a folder given as the file is refused in words, and does not hang", async (t) => {
  const root = temporaryDirectory(t);
  execFileSync("mkfifo", [join(root, "Dockerfile")]);
  const outcome = await runChubo(["check", join(root, "Dockerfile")]);
  assert.match(outcome.stdout, /Dockerfile was passed over: no regular file/);
});
