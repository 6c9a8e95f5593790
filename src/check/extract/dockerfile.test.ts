// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles are written so.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import type { BuildImageStep } from "../build-job.ts";
import { wholeText } from "../mapped-text.ts";
import { type DockerfileOptions, readDockerfile } from "./dockerfile/read-dockerfile.ts";
import { dockerfileReader, readDockerfileBuild } from "./dockerfile.ts";

/** Reads a Dockerfile under the readers' contract: `site reference`, `?` where something outside decides. */
function list(text: string, options?: DockerfileOptions): string[] {
  checkReaderContract(dockerfileReader, { path: "Dockerfile", text });
  return read(text, options).images.map(({ site, reference }) => `${site} ${reference ?? "?"}`);
}

function read(text: string, options?: DockerfileOptions) {
  return readDockerfile(wholeText(text), options);
}

function editTexts(text: string): (string | undefined)[] {
  checkReaderContract(dockerfileReader, { path: "Dockerfile", text });
  return read(text).images.map(({ edit }) => edit && `${edit.holds} ${edit.text}`);
}

describe("a Dockerfile's lines", () => {
  test("are read with BOM, CRLF, indentation and any case", () => {
    assert.deepEqual(list("\ufeff# syntax=docker/dockerfile:1\r\n  from nginx:1 as Web\r\nRUN x\r\n"), [
      "# syntax docker/dockerfile:1",
      "FROM nginx:1",
    ]);
  });

  test("go on behind the escape character, over comments and empty lines, and nothing is put between", () => {
    assert.deepEqual(list("FROM \\\n# the base\n\n  ngi\\\nnx:1 AS a\nRUN a \\\n  FROM redis\nFROM b \\  \n AS c"), [
      "FROM nginx:1",
      "FROM b",
    ]);
  });

  test("have a back-tick as escape character where the directive says so", () => {
    assert.deepEqual(list("# escape=`\r\nFROM a\r\nCOPY x c:\\\r\nRUN b `\r\n  FROM c\r\nFROM d"), [
      "FROM a",
      "FROM d",
    ]);
  });

  test("have no directive after a comment, an empty line or an instruction, and a doubled escape ends a line", () => {
    assert.deepEqual(list("# a comment\n# syntax=x/y:1\nFROM a\nRUN echo \\\\\nFROM b"), ["FROM a", "FROM b"]);
    assert.deepEqual(list("\n# syntax=x/y:1\nFROM a"), ["FROM a"]);
  });

  test("directives are found in any order, with the check one between, behind a shebang, by their first word", () => {
    assert.deepEqual(
      list("#!/usr/bin/env docker\n# check=skip=all\n#SYNTAX = docker/dockerfile:1.7-labs  x=y \nFROM a"),
      ["# syntax docker/dockerfile:1.7-labs", "FROM a"],
    );
  });

  test("of a heredoc are none of the Dockerfile", () => {
    const heredocs = [
      "RUN <<EOF\nFROM x\nEOF",
      "RUN <<-'EOF' sh\nFROM x\n\t\tEOF",
      'COPY <<a.txt <<"b.txt" /dest/\nFROM x\na.txt\nFROM y\nb.txt',
      "RUN cat 3<<E1 \\\n  && true\nFROM x\nE1",
    ];
    for (const heredoc of heredocs) assert.deepEqual(list(`FROM a\n${heredoc}\nFROM b`), ["FROM a", "FROM b"]);
  });

  test("after what only looks like a heredoc are", () => {
    const others = ['RUN echo "<<EOF"', "RUN echo $((1 << 4))", "RUN cat <<< word", "RUN it's <<EOF", "ENV A=<<EOF"];
    for (const other of others) assert.deepEqual(list(`FROM a\n${other}\nFROM b`), ["FROM a", "FROM b"], other);
  });

  test("of a heredoc without end are passed over with a note", () => {
    const { images, notes } = read("FROM a\nRUN <<EOF\nFROM b\n");
    assert.equal(images.length, 1);
    assert.match(notes[0]?.message ?? "", /no line with its end, EOF/);
  });
});

describe("an image of a Dockerfile", () => {
  test("is none where it is a stage, by name in any case or by index, or scratch", () => {
    const text =
      "FROM a AS Base\nFROM BASE\nFROM scratch\nCOPY --from=0 / /\nCOPY --from=base / /\nRUN --mount=from=later x\nFROM b AS later";
    assert.deepEqual(list(text), ["FROM a", "FROM b"]);
  });

  test("is one where a later or the same stage has its name, or FROM has a number", () => {
    assert.deepEqual(list("FROM alpine AS alpine\nFROM b\nFROM 0\nFROM c AS b"), [
      "FROM alpine",
      "FROM b",
      "FROM 0",
      "FROM c",
    ]);
  });

  test("is found in COPY, ADD, RUN --mount and ONBUILD, whatever the flags' order", () => {
    const text = [
      "FROM a",
      "COPY --link --chown=1:1 --from=nginx:1 --chmod=755 /a /b",
      "add --from=docker.io/library/busybox / /",
      "RUN --network=none --mount=type=bind,from=redis:7,source=/a --mount=type=cache,target=/x --mount=from=b,target=/b sh",
      "ONBUILD COPY --from=c:1 / /",
      "ONBUILD FROM d",
      "RUN echo --from=e --mount=from=f",
    ].join("\n");
    assert.deepEqual(list(text), [
      "FROM a",
      "COPY --from nginx:1",
      "ADD --from docker.io/library/busybox",
      "RUN --mount=from redis:7",
      "RUN --mount=from b",
      "ONBUILD COPY --from c:1",
    ]);
  });

  test("may stand in quotes", () => {
    assert.deepEqual(list(`FROM "nginx:1"\nFROM 'redis:7' AS x`), ["FROM nginx:1", "FROM redis:7"]);
  });

  test("has the platform that is constant", () => {
    const { images } = read(
      "ARG P=linux/arm64\nFROM --platform=$P a\nFROM --platform=$BUILDPLATFORM b\nFROM --platform=linux/amd64 c",
    );
    assert.deepEqual(
      images.map(({ platform }) => platform),
      ["linux/arm64", undefined, "linux/amd64"],
    );
  });

  test("of a template is reported with what is written, without reference and edit", () => {
    const [image] = read("FROM {{ base }}:{{ tag }} AS x\n").images;
    assert.equal(image?.written, "{{ base }}:{{ tag }}");
    assert.equal(image.reference, undefined);
    assert.equal(image.edit, undefined);
  });

  test("is missing: a note", () => {
    assert.match(read("FROM\nFROM --platform=x\n").notes[1]?.message ?? "", /FROM without an image/);
  });
});

describe("ARG before the first FROM", () => {
  test("is put in with its default, one through the other", () => {
    const head = 'ARG V=3.12 OS="slim"\nARG BASE=python:${V}-$OS\n';
    assert.deepEqual(list(`${head}FROM $BASE\nFROM node:${"$"}{V}`), ["FROM python:3.12-slim", "FROM node:3.12"]);
    assert.deepEqual(read(`${head}FROM $BASE`).images[0]?.variables, ["BASE", "V", "OS"]);
  });

  test("is not known to be anything where it has no default, or nobody declares it", () => {
    assert.deepEqual(list("ARG V\nFROM a:$V\nARG W=1\nFROM b:$W\nFROM c:$X"), ["FROM ?", "FROM ?", "FROM ?"]);
  });

  test("is put in as --build-arg says, which is then no place to edit", () => {
    const text = "ARG BASE=nginx:1\nFROM $BASE\nFROM $OTHER";
    const [image] = read(text, { buildArguments: { BASE: "redis:7", OTHER: "x" } }).images;
    assert.equal(image?.reference, "redis:7");
    assert.equal(image.edit, undefined);
    assert.deepEqual(list(text, { buildArguments: { BASE: "redis:7", OTHER: "x" } }), ["FROM redis:7", "FROM ?"]);
  });

  const modifiers: [string, string][] = [
    ["${X:-b}", "b"],
    ["${E:-b}", "b"],
    ["${E-b}:1", ":1"],
    ["${A:+c}", "c"],
    ["a${X:+c}", "a"],
    ["${A:-${B:-c}}", "a.b.c"],
    ["${X:-${A}}", "a.b.c"],
    ["${A#*.}", "b.c"],
    ["${A##*.}", "c"],
    ["${A%.*}", "a.b"],
    ["${A%%.*}", "a"],
    ["${A/./-}", "a-b.c"],
    ["${A//./-}", "a-b-c"],
    ["${A:?missing}", "a.b.c"],
    ["x\\$A", "x$A"],
    ["'$A'", "$A"],
    ['"$A":1', "a.b.c:1"],
  ];
  for (const [written, expected] of modifiers) {
    test(`gives ${expected} for ${written}`, () => {
      assert.deepEqual(list(`ARG A=a.b.c\nARG E=\nARG X\nFROM ${written}`), [`FROM ${expected}`]);
    });
  }

  test("that grows by itself ends at some length", () => {
    const lines = Array.from({ length: 60 }, () => "ARG A=$A$A");
    assert.equal(read(`ARG A=aa\n${lines.join("\n")}\nFROM $A`).images[0]?.reference, undefined);
  });

  test("decides among stages: none is an image", () => {
    const stages = "FROM a AS base-amd64\nFROM b AS base-arm64\nFROM c AS other\n";
    assert.deepEqual(list(`${stages}FROM base-$TARGETARCH`), ["FROM a", "FROM b", "FROM c"]);
    const by = read(`${stages}FROM base-$TARGETARCH`).images.map(({ stage }) => stage?.pulledBy);
    assert.deepEqual(by, ["all", "all", "classic"]);
    assert.deepEqual(list(`ARG S=other\n${stages}FROM $S`).length, 3);
  });
});

describe("the place to edit", () => {
  test("is the reference, or the default of the one variable that it consists of", () => {
    const text = 'ARG A="nginx:1"\nARG B=$A\nFROM ${B}\nFROM redis:7\nFROM ${X:-busybox}\nFROM ${A:-unused}';
    assert.deepEqual(editTexts(text), [
      "reference nginx:1",
      "reference redis:7",
      "reference busybox",
      "reference nginx:1",
    ]);
  });

  test("is the repository where the tag is put together", () => {
    const text =
      "ARG V=1 I=localhost:5000/img\nFROM docker.io/library/python:${V}-slim\nFROM $I:$V\nFROM a@sha256:$V\nFROM localhost:5000/x:$V";
    assert.deepEqual(editTexts(text), [
      "repository docker.io/library/python",
      "repository localhost:5000/img",
      "repository a",
      "repository localhost:5000/x",
    ]);
  });

  test("is none where the repository is put together, or the reference has escapes", () => {
    const text = "ARG R=docker.io P=5000\nFROM $R/nginx:1\nFROM ${R}nginx\nFROM ngin\\x\nFROM localhost:$P/nginx:1";
    assert.deepEqual(editTexts(text), [undefined, undefined, undefined, undefined]);
  });

  test("of a stage's COPY is its own ARG's default", () => {
    assert.deepEqual(editTexts("ARG S=a:1\nFROM b\nARG S\nARG T=c:1\nCOPY --from=$S / /\nCOPY --from=$T / /"), [
      "reference b",
      "reference a:1",
      "reference c:1",
    ]);
  });
});

describe("a Dockerfile's target", () => {
  const text =
    "FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=one / /\nCOPY --from=x / /\nFROM d AS four\n";

  function pulledBy(target?: string): string[] {
    const { images } = read(text, target === undefined ? {} : { target });
    return images.map(({ reference, stage }) => `${reference} ${stage?.pulledBy}`);
  }

  test("is the last stage, and what it does not need is pulled by the classic builder only", () => {
    assert.deepEqual(pulledBy(), ["a classic", "b classic", "c classic", "x classic", "d all"]);
  });

  test("may be given by name or index, and nobody pulls what is behind it", () => {
    for (const target of ["THREE", "2"]) {
      assert.deepEqual(pulledBy(target), ["a all", "b classic", "c all", "x all", "d none"]);
    }
  });

  test("that does not exist is a note", () => {
    assert.deepEqual(
      read(text, { target: "five" }).notes.map(({ message }) => message),
      ["there is no stage five"],
    );
  });

  test("leaves ONBUILD to the build that starts from the image", () => {
    assert.equal(read("FROM a\nONBUILD COPY --from=b / /").images[1]?.stage?.pulledBy, "downstream");
  });
});

test("a name that the build gives a context of its own is no image", () => {
  assert.deepEqual(list("FROM alpine\nCOPY --from=src / /", { contexts: ["Alpine", "src"] }), []);
});

test("a default does not hold where the build gives a value that is not constant", () => {
  const text = "ARG BASE=nginx:1\nARG TAG=1\nFROM $BASE\nFROM redis:$TAG\nFROM alpine:3\n";
  const options = { unknownBuildArguments: ["BASE", "TAG"] };
  const { images } = readDockerfile(wholeText(text), options);
  assert.deepEqual(
    images.map(({ reference, edit }) => reference ?? edit?.text),
    [undefined, "redis", "alpine:3"],
  );
});

test("--build-arg BUILDKIT_SYNTAX takes the place of the directive", () => {
  const [image] = read("# syntax=docker/dockerfile:1\nFROM a", { buildArguments: { BUILDKIT_SYNTAX: "x/y:1" } }).images;
  assert.deepEqual([image?.kind, image?.reference, image?.edit], ["dockerfile-syntax", "x/y:1", undefined]);
});

describe("a build of a Dockerfile", () => {
  const text =
    "# syntax=docker/dockerfile:1\nARG BASE=a\nFROM $BASE AS one\nFROM b AS two\nFROM ctx AS three\nFROM c\n";

  function pulled(tool: BuildImageStep["tool"]): (string | undefined)[] {
    const step: BuildImageStep = {
      kind: "build",
      range: { start: 0, end: 0 },
      tool,
      context: ".",
      dockerfile: undefined,
      target: "three",
      buildArguments: { BASE: "given" },
      contexts: ["ctx"],
    };
    return readDockerfileBuild({ path: "Dockerfile", text }, step).map(({ reference }) => reference);
  }

  test("pulls the syntax image with BuildKit only, and stages that the target does not need with kaniko only", () => {
    assert.deepEqual(pulled("buildx"), ["docker/dockerfile:1"]);
    assert.deepEqual(pulled("podman"), []);
    assert.deepEqual(pulled("kaniko"), ["given", "b"]);
  });
});

describe("the reader of Dockerfiles", () => {
  test("takes the names that builders and people use", () => {
    for (const path of ["Dockerfile", "a/Containerfile", "a/dockerfile"]) {
      assert.ok(dockerfileReader.isFor({ path, text: "" }), path);
    }
    const text = "# for tests\n\nARG X=1\nFROM a\n";
    const names = [
      "dev.Dockerfile",
      "Dockerfile.dev",
      "x.dockerfile",
      "Dockerfile-prod",
      "web_dockerfile",
      "b.Containerfile",
      "Dockerfile.go",
    ];
    for (const path of names) assert.ok(dockerfileReader.isFor({ path: `a/${path}`, text }), path);
    assert.ok(dockerfileReader.isFor({ path: "Dockerfile.j2", text: "{% set x = 1 %}\nFROM {{ y }}\n" }));
  });

  test("leaves what is about Dockerfiles", () => {
    const others: [string, string][] = [
      ["a/Dockerfile.dockerignore", "FROM a"],
      ["docs/Dockerfile.md", "FROM a"],
      ["src/dockerfile.go", "// FROM a\npackage dockerfile\n"],
      ["src/dockerfile.py", "from dataclasses import dataclass\n"],
      ["src/dockerfile-reader.ts", 'import x from "y";\n'],
      ["a/mydockerfilethings", "FROM a"],
    ];
    for (const [path, text] of others) assert.equal(dockerfileReader.isFor({ path, text }), false, path);
  });

  test("survives what no Dockerfile is", () => {
    const texts = [
      "FROM ${".repeat(20_000),
      `FROM ${"${a:-".repeat(20_000)}`,
      `ARG A=${"${a:-".repeat(2_000)}\nFROM $A`,
      `FROM ${":".repeat(200_000)}$A`,
      "FROM a\\\n".repeat(20_000),
      "FROM a AS b\n".repeat(3_000),
      `FROM a\n${"RUN <<A <<B <<C\n".repeat(5_000)}`,
      `FROM a\nRUN --mount=${",from=".repeat(20_000)}`,
      "FROM a\nCOPY --from=b / /\n".repeat(30_000),
      "FROM a-$X AS a\n".repeat(5_000),
      `FROM ${"{{ a ".repeat(30_000)}`,
      "\u0000FROM\u0000 a\ufffd\n",
      "`\\",
      "FROM $",
      "FROM a\\",
    ];
    for (const text of texts) assert.ok(dockerfileReader.read({ path: "Dockerfile", text }));
  });
});

const corpus = join(import.meta.dirname, "../../../../shared");

test("the contract holds for each real Dockerfile that is at hand", { skip: !existsSync(corpus) }, () => {
  let count = 0;
  for (const name of globSync("{corpus,inputs}/**/*{ocker,ontainer}file*", { cwd: corpus })) {
    if (!statSync(join(corpus, name)).isFile()) continue;
    const file = { path: name, text: readFileSync(join(corpus, name), "utf8") };
    if (!dockerfileReader.isFor(file)) continue;
    checkReaderContract(dockerfileReader, file);
    count++;
  }
  assert.ok(count > 0);
});
