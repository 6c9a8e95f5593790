// biome-ignore-all lint/suspicious/noTemplateCurlyInString: bake files are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { bakeReader } from "./bake.ts";

function read(text: string, path = "docker-bake.hcl") {
  checkReaderContract(bakeReader, { path, text });
  return bakeReader.read({ path, text });
}

/** `site reference`, `?` where something outside decides. */
function list(text: string, path?: string): string[] {
  return read(text, path).images.map(({ site, reference }) => `${site} ${reference ?? "?"}`);
}

describe("a bake file's images", () => {
  test("are contexts that are images, with variables put in and changed where they are written", () => {
    const text = `
variable "ALPINE" { default = "alpine:\${TAG}" }
variable "TAG" {
  default = "3.20" // the latest
}
variable "REDIS" { default = "redis:7" }
variable "NONE" {}
target "app" {
  contexts = {
    base   = "docker-image://\${ALPINE}"
    cache  = "docker-image://\${REDIS}", "src" = "./src"
    node   = "docker-image://node:\${TAG}" # a comment
    given  = "docker-image://\${NONE}"
    plain  : "docker-image://docker.io/library/nginx:1"
    other  = "target:base"
    quoted = "docker-image://a\\u0062:1"
  }
}
`;
    assert.deepEqual(list(text), [
      "target.app.contexts.base alpine:3.20",
      "target.app.contexts.cache redis:7",
      "target.app.contexts.node node:3.20",
      "target.app.contexts.given ?",
      "target.app.contexts.plain docker.io/library/nginx:1",
      "target.app.contexts.quoted ab:1",
    ]);
    assert.deepEqual(
      read(text).images.map(({ edit }) => edit && `${edit.holds} ${edit.text}`),
      [
        "repository alpine",
        "reference redis:7",
        "repository node",
        undefined,
        "reference docker.io/library/nginx:1",
        undefined,
      ],
    );
  });

  test("are caches in a registry", () => {
    const text = `target "app" {
  cache-from = ["type=registry,ref=me/cache:1", "type=gha", "me/plain", {
    type = "registry"
    ref  = "me/map"
  }, { type = "gha" }]
}`;
    assert.deepEqual(list(text), [
      "target.app.cache-from me/cache:1",
      "target.app.cache-from me/plain",
      "target.app.cache-from me/map",
    ]);
  });

  test("are those of a Dockerfile inside, which is read with the target's arguments", () => {
    const text = `variable "V" { default = "20" }
target "base" {
  args = { NODE = "\${V}" }
  contexts = { src = "./src" }
}
target "app" {
  inherits = ["base"]
  target = "one"
  dockerfile-inline = <<-EOT
    # syntax=docker/dockerfile:1
    ARG NODE=18
    FROM node:$NODE AS one
    COPY --from=src / /
    FROM python:\${V} AS two
    FROM redis:$\${V}
  EOT
}
target "flat" { dockerfile-inline = "FROM a\\nCOPY --from=b:1 / /\\n" }
`;
    const { images, jobs } = read(text);
    assert.deepEqual(
      images.map(({ site, reference, stage }) => `${site} ${reference ?? "?"} ${stage?.pulledBy}`),
      [
        "target.app.dockerfile-inline: # syntax docker/dockerfile:1 undefined",
        "target.app.dockerfile-inline: FROM node:20 all",
        "target.app.dockerfile-inline: FROM python:20 none",
        "target.app.dockerfile-inline: FROM ? none",
        "target.flat.dockerfile-inline: FROM a all",
        "target.flat.dockerfile-inline: COPY --from b:1 all",
      ],
    );
    assert.deepEqual(
      jobs[0]?.steps.map((step) => step.kind === "build" && step.isInline),
      [undefined, true, true],
    );
  });

  test("that come out of a function, a condition or a bare variable are notes", () => {
    const text = `target "app" {
  contexts = {
    a = DEBUG ? "docker-image://a" : "docker-image://b"
    b = format("docker-image://%s", X)
    c = X
  }
  cache-from = concat(["a"], [
    "b",
  ])
  tags = [for t in ["a", "b"] : "me/\${t}"]
  dockerfile-inline = file("x")
}
target "last" { contexts = { x = "docker-image://x" } }
`;
    const { images, notes } = read(text);
    assert.deepEqual(
      images.map(({ reference }) => reference),
      ["x"],
    );
    assert.equal(notes.length, 5);
    assert.match(notes[0]?.message ?? "", /^target\.app\.contexts\.a comes out of a function or a condition/);
    assert.equal(text.slice(notes[3]?.range.start, notes[3]?.range.end), 'concat(["a"], [\n    "b",\n  ])');
  });

  test("are found in the JSON form", () => {
    const text = `{
  "variable": {"TAG": {"default": "3"}, "IMAGE": {"default": "redis:7"}},
  "target": {
    "app": {
      "contexts": {"a": "docker-image://alpine:\${TAG}", "b": "docker-image://\${IMAGE}"},
      "cache-from": ["type=registry,ref=me/cache"],
      "dockerfile-inline": "FROM nginx:1\\nFROM b\\n",
      "args": {"X": 1}
    }
  }
}`;
    assert.deepEqual(list(text, "docker-bake.override.json"), [
      "target.app.contexts.a alpine:3",
      "target.app.contexts.b redis:7",
      "target.app.cache-from me/cache",
      "target.app.dockerfile-inline: FROM nginx:1",
    ]);
    const edits = read(text, "docker-bake.json").images.map(({ edit }) => edit?.text);
    assert.deepEqual(edits, ["alpine", "redis:7", "me/cache", "nginx:1"]);
  });
});

describe("a bake file's targets", () => {
  test("are build steps with what they inherit, the last one of several first", () => {
    const text = `
group "default" { targets = ["app"] }
function "tag" {
  params = [x]
  result = "me/\${x}"
}
VERSION = "1.2"
target "_common" {
  context    = "src"
  dockerfile = "docker/Dockerfile"
  args = { A = 1, B = "b" }
}
target "_late" {
  args = { B = "late", V = VERSION, N = null, U = UNKNOWN }
  matrix = { x = ["a", "b"] }
}
target "app" {
  inherits = ["_common", "_late"]
  target   = "prod"
  args     = { "A" = "2" }
  tags     = [tag("app")]
  attest   = [{ type = "sbom" }]
}
target "remote" {
  context = "https://github.com/x/y.git#main"
  dockerfile = "D"
}
target "unknown" { context = pwd() }
`;
    const [job] = read(text, "build/docker-bake.hcl").jobs;
    assert.equal(job?.directory, "build");
    const steps = job.steps.map((step) =>
      step.kind === "build" ? [step.name, step.context, step.dockerfile, step.target, step.buildArguments] : [],
    );
    assert.deepEqual(steps, [
      ["_common", "src", "src/docker/Dockerfile", undefined, { A: "1", B: "b" }],
      ["_late", ".", undefined, undefined, { B: "late", V: "1.2" }],
      ["app", "src", "src/docker/Dockerfile", "prod", { A: "2", B: "late", V: "1.2" }],
      ["remote", "https://github.com/x/y.git#main", "D", undefined, {}],
      ["unknown", undefined, undefined, undefined, {}],
    ]);
  });

  test("may lead to each other in a circle, and variables too", () => {
    const text =
      'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "a" {\n  inherits = ["b"]\n  args = {X = A}\n}\ntarget "b" { inherits = ["a"] }\n';
    assert.equal(read(text).jobs[0]?.steps.length, 2);
  });
});

describe("the reader of bake files", () => {
  test("takes bake's names, and HCL with targets", () => {
    const text = 'target "a" {\n}\n';
    for (const path of ["docker-bake.hcl", "a/docker-bake.override.json", "docker-bake.ci.hcl", "x.hcl"]) {
      assert.ok(bakeReader.isFor({ path, text }), path);
    }
    assert.equal(bakeReader.isFor({ path: "terragrunt.hcl", text: 'include "root" {\n}\n' }), false);
    assert.equal(bakeReader.isFor({ path: "x.json", text }), false);
  });

  test("reads what stands before a syntax error, which is a note", () => {
    const { images, notes } = read(
      'target "a" { contexts = {x = "docker-image://y"} }\ntarget "b" {\n  contexts = {\n',
    );
    assert.equal(images.length, 1);
    assert.match(notes[0]?.message ?? "", /^not well-formed HCL: expected/);
  });

  test("survives what no bake file is", () => {
    const texts = [
      'a = "',
      "a = <<EOT\nx",
      `a = ${"[".repeat(100_000)}`,
      `a = ${"{x=".repeat(100_000)}`,
      "a {".repeat(100_000),
      `a = "${"${".repeat(50_000)}"`,
      `a = "${"$${".repeat(50_000)}"`,
      `${" ".repeat(1_000_000)}x`,
      `${"/*".repeat(100_000)}`,
      `a = f(${"(".repeat(100_000)}`,
      '\u0000 = "\\',
      "a = [,]",
      'a = "\\U7fffffff"',
    ];
    for (const text of texts) {
      assert.ok(bakeReader.read({ path: "docker-bake.hcl", text }));
      assert.ok(bakeReader.read({ path: "docker-bake.json", text }));
    }
  });
});
