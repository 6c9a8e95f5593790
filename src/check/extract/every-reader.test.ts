import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { codeReaders, fileReaders } from "../readers.ts";

interface Case {
  path: string;
  text: string;
  kind: string;
  /** References, or what is written where they are not constant. */
  images: string[];
}

/** The readers that have no test of their own, each with a file as its users write it. */
const cases: Case[] = [
  {
    path: ".github/workflows/build.yml",
    kind: "GitHub Actions workflow",
    text: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    container: node:22
    services:
      db: { image: "postgres:16" }
    steps:
      - uses: docker://alpine:3.20
      - run: |
          docker pull redis:7
          docker build -t mine . && docker run mine
`,
    images: ["alpine:3.20", "node:22", "postgres:16", "redis:7"],
  },
  {
    path: ".gitlab-ci.yml",
    kind: "GitLab CI",
    text: `variables: { RUBY: "3.3" }
default: { image: "ruby:$RUBY" }
test:
  services: [ { name: "postgres:16", alias: db } ]
  script: [ "docker pull redis:7" ]
`,
    images: ["postgres:16", "redis:7", "ruby:3.3"],
  },
  {
    path: ".circleci/config.yml",
    kind: "CircleCI",
    text: "version: 2.1\njobs:\n  a:\n    docker:\n      - image: cimg/node:22.1\n      - image: redis:7\n    steps: [checkout]\n",
    images: ["cimg/node:22.1", "redis:7"],
  },
  {
    path: "bitbucket-pipelines.yml",
    kind: "Bitbucket Pipelines",
    text: "image: node:22\ndefinitions:\n  services:\n    db: { image: 'mysql:8' }\npipelines:\n  default:\n    - step:\n        services: [db]\n        script: [npm test]\n",
    images: ["mysql:8", "node:22"],
  },
  {
    path: "azure-pipelines.yml",
    kind: "Azure Pipelines",
    text: "resources:\n  containers:\n    - container: db\n      image: postgres:16\njobs:\n  - job: a\n    container: node:22\n    steps: [{script: docker pull redis:7}]\n",
    images: ["node:22", "postgres:16", "redis:7"],
  },
  {
    path: "deploy/app.yaml",
    kind: "Kubernetes",
    text: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      initContainers:\n        - {name: i, image: busybox}\n      containers:\n        - name: a\n          image: nginx:1.27\n",
    images: ["busybox", "nginx:1.27"],
  },
  {
    path: "chart/values.yaml",
    kind: "Helm values",
    text: "image:\n  registry: docker.io\n  repository: bitnami/redis\n  tag: '7.4'\nsidecar:\n  image: nginx:1.27\n",
    images: ["docker.io/bitnami/redis:7.4", "nginx:1.27"],
  },
  {
    path: "overlays/kustomization.yaml",
    kind: "Kustomize",
    text: "images:\n  - name: nginx\n    newName: httpd\n    newTag: '2.4'\n",
    images: ["httpd:2.4"],
  },
  {
    path: ".devcontainer/devcontainer.json",
    kind: "dev container",
    text: '{\n  // for all\n  "image": "python:3.12",\n}\n',
    images: ["python:3.12"],
  },
  {
    path: "Earthfile",
    kind: "Earthfile",
    text: "VERSION 0.8\nFROM golang:1.23\nbuild:\n  FROM +base\n  RUN go build\n",
    images: ["golang:1.23"],
  },
];

for (const { path, text, kind, images } of cases) {
  test(`${kind}: each image is found at its place, and can be replaced there`, () => {
    const file = { path, text };
    const reader = [...fileReaders, ...codeReaders].find((candidate) => candidate.isFor(file));
    assert.ok(reader, path);
    assert.deepEqual(
      reader
        .read(file)
        .images.map(({ reference, written }) => reference ?? written)
        .sort(),
      images,
    );
    checkReaderContract(reader, file);
  });
}
