// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the files are written so.
import { codeReaders, fileReaders } from "../../src/check/readers.ts";
import { mutateText } from "./mutate-text.ts";

export interface SpoiltFilesResult {
  read: number;
  images: number;
  slowest: { milliseconds: number; kind: string };
  failures: { kind: string; message: string; text: string }[];
}

/** Reads `count` spoilt files with all readers in turn, whatever the files' names would rule out. */
export function readSpoiltFiles(count: number, seed: number): SpoiltFilesResult {
  const readers = [...fileReaders, ...codeReaders];
  const result: SpoiltFilesResult = { read: 0, images: 0, slowest: { milliseconds: 0, kind: "" }, failures: [] };
  const perPair = Math.ceil(count / (readers.length * sources.length));
  for (const [number, reader] of readers.entries()) {
    for (const [index, { path, text: sound }] of sources.entries()) {
      for (const text of mutateText(sound, pieces, seed + number * 1000 + index, perPair)) {
        if (result.read === count) return result;
        readOne(reader, { path, text }, result);
      }
    }
  }
  return result;
}

function readOne(
  reader: (typeof fileReaders)[number],
  file: { path: string; text: string },
  result: SpoiltFilesResult,
): void {
  const began = performance.now();
  try {
    reader.isFor(file);
    const { images, notes, jobs } = reader.read(file);
    result.images += images.length;
    for (const { range, written } of images) {
      if (file.text.slice(range.start, range.end) !== written) throw new Error(`${range.start} is not ${written}`);
    }
    for (const { range } of [...notes, ...jobs]) {
      if (!(0 <= range.start && range.start <= range.end && range.end <= file.text.length)) {
        throw new Error(`${range.start} to ${range.end} is not in the file`);
      }
    }
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    result.failures.push({ kind: reader.kind, message, text: file.text });
  }
  result.read++;
  const milliseconds = performance.now() - began;
  if (milliseconds > result.slowest.milliseconds) result.slowest = { milliseconds, kind: reader.kind };
}

const script =
  'set -e\nT=1\ndocker login -u a -p "$P" && docker pull nginx:$T\nfor i in a b; do docker run --rm $i:1 sh; done\n';
const sources: readonly { path: string; text: string }[] = [
  {
    path: "Dockerfile",
    text: "# syntax=docker/dockerfile:1\nARG V=3\nFROM a:${V} AS b\nRUN <<E\nx\nE\nCOPY --from=c:1 / /\n",
  },
  {
    path: "compose.yml",
    text: "x: &a {image: 'a:${T:-1}'}\nservices:\n  w: {<<: *a, build: {dockerfile_inline: 'FROM a:1'}}\n",
  },
  {
    path: ".gitlab-ci.yml",
    text: `image: {name: a:1}\n.x: &s [docker pull b]\nj: {script: [*s, docker pull c:$T], services: [d:1]}\n`,
  },
  {
    path: ".github/workflows/a.yml",
    text: "jobs:\n  a:\n    container: {image: 'a:${{ matrix.v }}'}\n    strategy: {matrix: {v: [1, 2]}}\n    steps:\n      - uses: docker://b:1\n      - run: |\n          docker pull c\n",
  },
  {
    path: "t.yml",
    text: 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  P:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Environment: {Image: !Sub "a:${V}"}\n      Source:\n        BuildSpec: |\n          version: 0.2\n          phases: {build: {commands: [docker pull b]}}\n',
  },
  {
    path: "buildspec.yml",
    text: "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build -t x .\n      - |\n        docker pull a\n",
  },
  {
    path: "pod.yaml",
    text: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: a, image: b:1}\n---\nimage: {{ .x }}\n",
  },
  { path: "values.yaml", text: "global: {imageRegistry: r}\nimage: {repository: a, tag: '1'}\nsidecarImage: b:1\n" },
  {
    path: "a.json",
    text: '{"image": "a:1", "containerDefinitions": [{"image": "b"}], "scripts": {"x": "docker pull c"}}',
  },
  { path: "a.sh", text: `#!/bin/sh\n${script}` },
  { path: "Makefile", text: `T := 1\nall: x\n\tdocker pull a:$(T) \\\n\t  && docker run b\n` },
  {
    path: "docker-bake.hcl",
    text: 'variable "A" { default = "b" }\ntarget "a" { contexts = { x = "docker-image://${A}" } }\n',
  },
  { path: "Jenkinsfile", text: "pipeline { agent { docker { image 'a:1' } }\n stages { sh '''docker pull b''' } }\n" },
  {
    path: "a.ts",
    text: 'import "testcontainers";\nnew GenericContainer(`a:${v}`); DockerImageName.parse("b:1") // c\n',
  },
];

const pieces = [
  ..."${}\"'`#:@/=,[]{}&*\\|>-()<!\t\n",
  ...[
    "\r\n",
    "\\\n",
    "<<EOT\n",
    "FROM ",
    "image: ",
    "- ",
    "<<: *a\n",
    "$$",
    "{{",
    "}}",
    "${A:-nginx:1}",
    "docker-image://",
  ],
  ...[
    "$(",
    "'''",
    "/*",
    "\u0000",
    "\ufeff",
    "é",
    "厨",
    "\ud83d",
    "!Sub ",
    "&a ",
    "*a",
    "|\n",
    "? ",
    "---\n",
    "%YAML 9\n",
  ],
  ...["docker pull ", "__proto__", "constructor: ", "toString", "\u2028", "0x", "~", "<< parameters.x >>"],
];
