import assert from "node:assert/strict";
import { test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { helmValues } from "./helm-values.ts";

const read = (text: string, path = "charts/app/values.yaml") => readChecked(helmValues, path, text).images;

test("values name an image whole, or in parts of which the repository is changed", () => {
  const images = read(`image: {repository: nginx, tag: "1.27", pullPolicy: Always}
redis: {image: {registry: docker.io, repository: bitnami/redis, tag: 7}}
open: {image: {repository: acme/app, tag: ""}}
other: {image: {repository: ghcr.io/x/y, digest: "sha256:${"c".repeat(64)}"}}
sidecar: {image: "busybox:1.36"}
old: {image: mysql, imageTag: "8"}
initImage: "alpine:3"
initContainers: [{name: x, image: "curl:1"}]
`);
  assert.deepEqual(images, [
    "image ~nginx:1.27",
    "redis.image ~~docker.io/bitnami/redis:7",
    "open.image ~acme/app of docker.io",
    `other.image ~ghcr.io/x/y@sha256:${"c".repeat(64)}`,
    "sidecar.image busybox:1.36",
    "old.image ~mysql:8",
    "initImage alpine:3",
    "initContainers.image curl:1",
  ]);
});

test("a global registry stands before every repository, which is no place to change then", () => {
  const images = read("global: {imageRegistry: r.example}\nimage: {registry: docker.io, repository: a/b, tag: 1}\n");
  assert.deepEqual(images, ["image -r.example/a/b:1"]);
});

test("what only looks like an image is none", () => {
  const text = `source: {repository: "https://github.com/x/y", tag: v1}
logo: {image: logo.png}
kraken: {repository: gcr.io/project, tag: v1}
persistence: {name: x, repository: 5}
image: ""
tpl: {image: "{{ .Values.x }}"}
`;
  assert.deepEqual(read(text, "values-prod.yaml"), []);
});
