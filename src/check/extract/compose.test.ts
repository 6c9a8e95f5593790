// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files are written so.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import type { BuildImageStep } from "../build-job.ts";
import { composeReader, readCompose } from "./compose.ts";

/** Reads a compose file under the readers' contract: `site reference`, `?` where something outside decides. */
function list(text: string, path = "deploy/compose.yaml"): string[] {
  checkReaderContract(composeReader, { path, text });
  return composeReader.read({ path, text }).images.map(({ site, reference }) => `${site} ${reference ?? "?"}`);
}

function builds(text: string): BuildImageStep[] {
  const [job] = composeReader.read({ path: "deploy/compose.yaml", text }).jobs;
  return (job?.steps ?? []).filter((step): step is BuildImageStep => step.kind === "build");
}

function editTexts(text: string): (string | undefined)[] {
  checkReaderContract(composeReader, { path: "compose.yaml", text });
  const { images } = composeReader.read({ path: "compose.yaml", text });
  return images.map(({ edit }) => edit && `${edit.holds} ${edit.text}`);
}

describe("a compose service's image", () => {
  test("is pulled, and none that a service builds", () => {
    const text = [
      "services:",
      "  web: {image: 'me/web:1', build: .}",
      "  worker: {image: 'me/web:1'}",
      '  db: {image: "postgres:16", platform: linux/amd64, profiles: [a, b]}',
      "  empty: {image: ''}",
      "  none:",
    ].join("\n");
    assert.deepEqual(list(text), ["services.db.image postgres:16"]);
    const [image] = composeReader.read({ path: "compose.yaml", text }).images;
    assert.deepEqual([image?.kind, image?.platform, image?.profiles], ["development", "linux/amd64", ["a", "b"]]);
  });

  test("is pulled or not as pull_policy says", () => {
    const text = [
      "services:",
      "  a: {image: a, build: ., pull_policy: always}",
      "  b: {image: b, build: ., pull_policy: build}",
      "  c: {image: c, pull_policy: never}",
      "  d: {image: d, pull_policy: daily}",
    ].join("\n");
    assert.deepEqual(list(text), ["services.a.image a", "services.d.image d"]);
  });

  test("is listed once where services share it by an anchor", () => {
    const text =
      "x-base: &base\n  image: app:1\nservices:\n  a:\n    <<: *base\n  b:\n    <<: *base\n    command: x\n  c: *base\n";
    assert.deepEqual(list(text), ["services.a.image app:1"]);
  });

  test("of a service that extends one with a build is none", () => {
    const text =
      "services:\n  base: {build: .}\n  a: {extends: {service: base}, image: 'me/a'}\n  b: {extends: c, image: b}\n  c: {extends: b, image: c}\n";
    assert.deepEqual(list(text), ["services.b.image b", "services.c.image c"]);
  });

  test("has its variables put in as far as the file or the caller says", () => {
    const text =
      "services:\n  a: {image: '${A:-nginx:1}'}\n  b: {image: 'redis:${T-7}-${V}'}\n  c: {image: 'x:$$1'}\n  d: {image: '${R:-${S:-docker.io}}/y:1'}\n";
    assert.deepEqual(list(text), [
      "services.a.image nginx:1",
      "services.b.image ?",
      "services.c.image x:$1",
      "services.d.image docker.io/y:1",
    ]);
    assert.equal(readCompose({ path: "compose.yaml", text }, { V: "alpine" }).images[1]?.reference, "redis:7-alpine");
  });

  test("is changed in the default of its variable, or before a tag that is put together", () => {
    const text =
      "services:\n  a: {image: '${A:-nginx:1}'}\n  b: {image: redis:$V}\n  c: {image: '${R}/x'}\n  d: {image: a:1}\n";
    assert.deepEqual(editTexts(text), ["reference nginx:1", "repository redis", undefined, "reference a:1"]);
  });

  test("may be a volume or an artifact to include", () => {
    const text =
      "include:\n  - oci://docker.io/me/app:1\n  - path: [a.yml, 'oci://me/b']\nservices:\n  a:\n    image: a\n    volumes: [./x:/x, {type: image, source: 'me/data:1', target: /d}]\n";
    assert.deepEqual(list(text), [
      "services.a.image a",
      "services.a.volumes me/data:1",
      "include docker.io/me/app:1",
      "include me/b",
    ]);
  });

  test("is found in the first format, which has the services at the top", () => {
    assert.deepEqual(list("web:\n  build: .\ndb:\n  image: postgres\n", "docker-compose.yml"), [
      "services.db.image postgres",
    ]);
  });
});

describe("a compose service's build", () => {
  test("is a step, with paths from the file's directory", () => {
    const text = [
      "services:",
      "  a: {build: ./a}",
      "  b:",
      "    build:",
      "      context: ../b",
      "      dockerfile: docker/Dockerfile.prod",
      "      target: prod",
      "      args: {VERSION: 3.12, DEBUG: true, UNKNOWN: $X, FROM_ENVIRONMENT: }",
      "  c: {build: {context: 'https://github.com/x/y.git', dockerfile: D, args: [A=1, B]}}",
      "  d: {build: {context: '${C:-d}'}}",
      "  e: {build: $E}",
    ].join("\n");
    const steps = builds(text).map(({ name, context, dockerfile, target, buildArguments }) => [
      name,
      context,
      dockerfile,
      target,
      buildArguments,
    ]);
    assert.deepEqual(steps, [
      ["a", "./a", undefined, undefined, {}],
      ["b", "../b", "../b/docker/Dockerfile.prod", "prod", { VERSION: "3.12", DEBUG: "true" }],
      ["c", "https://github.com/x/y.git", "D", undefined, { A: "1" }],
      ["d", "d", undefined, undefined, {}],
      ["e", undefined, undefined, undefined, {}],
    ]);
    assert.equal(composeReader.read({ path: "deploy/compose.yaml", text }).jobs[0]?.directory, "deploy");
  });

  test("may hold its Dockerfile, which is read with the build's arguments and compose's variables", () => {
    const text = [
      "services:",
      "  a:",
      "    build:",
      "      args: {V: 1}",
      "      target: last",
      "      dockerfile_inline: |",
      "        # syntax=docker/dockerfile:1",
      "        ARG V=2",
      "        FROM ${BASE:-busybox} AS first",
      "        FROM nginx:$$V AS last",
      "        FROM other",
    ].join("\n");
    const { images } = composeReader.read({ path: "compose.yaml", text });
    assert.deepEqual(list(text), [
      "services.a.build.dockerfile_inline: # syntax docker/dockerfile:1",
      "services.a.build.dockerfile_inline: FROM busybox",
      "services.a.build.dockerfile_inline: FROM nginx:1",
      "services.a.build.dockerfile_inline: FROM other",
    ]);
    assert.deepEqual(
      images.map(({ stage }) => stage?.pulledBy),
      [undefined, "classic", "all", "none"],
    );
    assert.equal(builds(text)[0]?.isInline, true);
  });

  test("may name images as contexts and caches", () => {
    const text = [
      "services:",
      "  a:",
      "    build:",
      "      additional_contexts: {base: 'docker-image://alpine:3', src: ./src}",
      "      cache_from: [me/cache, 'type=registry,ref=me/cache:1,mode=max', 'type=local,src=x', 'type=registry']",
      "      dockerfile_inline: |",
      "        FROM base",
      "  b: {build: {context: ., additional_contexts: ['x=docker-image://${R:-redis}']}}",
    ].join("\n");
    assert.deepEqual(list(text), [
      "services.a.build.additional_contexts.base alpine:3",
      "services.a.build.cache_from me/cache",
      "services.a.build.cache_from me/cache:1",
      "services.b.build.additional_contexts.x redis",
    ]);
    assert.deepEqual(builds(text)[0]?.contexts, ["base", "src"]);
  });
});

describe("the reader of compose files", () => {
  test("takes compose's names, and what looks like compose under another name", () => {
    for (const path of [
      "compose.yml",
      "a/docker-compose.prod.yaml",
      "docker-compose-dev.yml",
      "a/compose.override.yaml",
      "dev.docker-compose.yml",
    ]) {
      assert.ok(composeReader.isFor({ path, text: "" }), path);
    }
    assert.ok(
      composeReader.isFor({
        path: "stack.yml",
        text: "version: '3'\n\nservices: # all\n\n  # one\n  web:\n    image: a\n",
      }),
    );
  });

  test("leaves other YAML", () => {
    const texts = [
      "services:\n  - docker:dind\nimage: a\n",
      "services:\n  App\\X: ~\n",
      "jobs:\n  a:\n    services:\n      b:\n        image: c\n",
    ];
    for (const text of texts) assert.equal(composeReader.isFor({ path: "x.yml", text }), false, text);
    assert.equal(composeReader.isFor({ path: "compose.md", text: "services:\n  a:\n    image: b\n" }), false);
  });

  test("survives what no compose file is, with a note where YAML is not well-formed", () => {
    const [note] = composeReader.read({ path: "compose.yml", text: "services:\n  a: [image\n" }).notes;
    assert.match(note?.message ?? "", /^not well-formed YAML/);
    const many = Array.from(
      { length: 2000 },
      (_, index) => `  s${index}: {build: *b, image: *i, extends: s${index + 1}}`,
    );
    const texts = [
      "image",
      "services: image",
      "services: [image]",
      "services: {a: image, b: [image], c: {image: [x], build: [y], extends: [z], volumes: {a: b}, profiles: x}}",
      "services: &a\n  image: *a\n  x: *a\n",
      `x: &b {args: [${"A=1,".repeat(2000)}]}\ny: &i image\nservices:\n${many.join("\n")}\n`,
    ];
    for (const text of texts) assert.ok(composeReader.read({ path: "compose.yml", text }));
  });
});

const corpus = join(import.meta.dirname, "../../../../shared");

test("the contract holds for each real compose file that is at hand", { skip: !existsSync(corpus) }, () => {
  let count = 0;
  for (const name of globSync("{corpus,inputs}/**/*.{yml,yaml}", { cwd: corpus })) {
    if (!statSync(join(corpus, name)).isFile()) continue;
    const file = { path: name, text: readFileSync(join(corpus, name), "utf8") };
    if (!composeReader.isFor(file)) continue;
    checkReaderContract(composeReader, file);
    count++;
  }
  assert.ok(count > 0);
});
