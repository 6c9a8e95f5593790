// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { devContainer } from "./devcontainer.ts";
import { earthfile } from "./earthfile.ts";
import { skaffold } from "./skaffold.ts";
import { testcontainersProperties } from "./testcontainers-properties.ts";
import { tiltfile } from "./tiltfile.ts";

test("a dev container's image and features are read through comments and trailing commas", () => {
  const text = `{
  // "image": "no:1",
  "image": "mcr.microsoft.com/devcontainers/base:1", /* "x": "," */
  "url": "https://x/y",
  "features": { "ghcr.io/devcontainers/features/node:1": {}, "./local": {}, "old-name": {}, },
}
`;
  const { images } = readChecked(devContainer, ".devcontainer/devcontainer.json", text);
  assert.deepEqual(images, [
    "image mcr.microsoft.com/devcontainers/base:1",
    "features ghcr.io/devcontainers/features/node:1",
  ]);
});

test("a dev container is built, or composed, from its own folder", () => {
  const path = ".devcontainer/devcontainer.json";
  const built = '{"build": {"dockerfile": "Dockerfile", "context": "..", "args": {"V": "20"}, "target": "dev"}}';
  assert.deepEqual(readChecked(devContainer, path, built).jobs[path], [
    "docker build . -f .devcontainer/Dockerfile --target dev",
  ]);
  const composed = '{"dockerComposeFile": ["../compose.yml", "dev.yml"], "service": "app"}';
  assert.deepEqual(readChecked(devContainer, path, composed).jobs[path], [
    "compose up compose.yml .devcontainer/dev.yml",
  ]);
});

test("a Skaffold artifact is what is built, not what is pulled", () => {
  const text = `apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - {image: mine, context: web, docker: {dockerfile: Dockerfile.dev, target: t}}
    - {image: theirs, buildpacks: {builder: "paketobuildpacks/builder:base"}}
    - {image: k, kaniko: {image: "gcr.io/kaniko-project/executor:v1"}}
verify: [{name: v, container: {name: v, image: "alpine:3"}}]
profiles: [{name: p, build: {artifacts: [{image: other}]}}]
`;
  const { images, jobs } = readChecked(skaffold, "app/skaffold.yaml", text);
  assert.deepEqual(images, [
    "buildpacks.builder paketobuildpacks/builder:base",
    "kaniko.image gcr.io/kaniko-project/executor:v1",
    "container.image alpine:3",
  ]);
  assert.deepEqual(jobs["app/skaffold.yaml"], [
    "docker build app/web -f app/web/Dockerfile.dev --target t",
    "kaniko build app",
    "docker build app",
  ]);
});

test("a Skaffold artifact is built from the base of its builder, and from other artifacts", () => {
  const text = `apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - {image: a, jib: {fromImage: "eclipse-temurin:21"}}
    - {image: b, ko: {fromImage: "alpine:3"}}
    - {image: c, requires: [{image: a, alias: BASE}], docker: {buildArgs: {V: "1", W: "{{.W}}"}}}
`;
  assert.deepEqual(readChecked(skaffold, "skaffold.yaml", text).images, [
    "jib.fromImage eclipse-temurin:21",
    "ko.fromImage alpine:3",
  ]);
  const { jobs, builtImages } = skaffold.read({ path: "skaffold.yaml", text });
  assert.deepEqual(builtImages, ["a", "b", "c"]);
  const [step] = jobs[0]?.steps ?? [];
  assert.ok(step?.kind === "build");
  assert.deepEqual([step.buildArguments, step.unknownBuildArguments], [{ V: "1" }, ["W", "BASE"]]);
});

test("a Tiltfile may hold a Dockerfile, and says what it builds", () => {
  const text = `docker_build('a', '.', dockerfile_contents='FROM nginx:1\\nRUN x\\n')
docker_build("b", '.', build_args={'V': version, 'W': '2'}, dockerfile_contents="""
ARG V=1
FROM node:$V AS build
FROM redis:$W
COPY --from=build / /
""")
docker_build(ref='c', context='.', dockerfile_contents=made_up)
custom_build('d', 'make d', ['.'])
custom_build(ref='nginx', command=':', deps=['.'], skips_local_docker=True)
`;
  const { images } = readChecked(tiltfile, "Tiltfile", text);
  assert.deepEqual(images, [
    "dockerfile_contents: FROM nginx:1",
    "dockerfile_contents: FROM ~node:$V of docker.io",
    "dockerfile_contents: FROM ~redis:$W of docker.io",
  ]);
  const { builtImages, jobs } = tiltfile.read({ path: "Tiltfile", text });
  assert.deepEqual(builtImages, ["a", "b", "c", "d"]);
  assert.ok(jobs[0]?.steps.every((step) => step.kind === "build" && step.isInline));
});

test("a Tiltfile builds Dockerfiles and starts compose files", () => {
  const text = `# docker_build('no', '.')
docker_build('web', './web', dockerfile='web/Dockerfile.dev', # ')'
  build_args={'V': '20'}, target="dev")
docker_build_with_restart(name, context='api')
docker_compose(['./a.yml', "b.yml"])
`;
  const { jobs } = readChecked(tiltfile, "Tiltfile", text);
  assert.deepEqual(jobs.Tiltfile, [
    "docker build web -f web/Dockerfile.dev --target dev",
    "docker build api",
    "compose up a.yml b.yml",
  ]);
});

test("an Earthfile pulls what it starts from, unless that is a target", () => {
  const text = `VERSION 0.8
ARG --global TAG=3.20
FROM alpine:$TAG
a:
  FROM --platform=linux/arm64 \\
    # a comment
    golang:1
b:
  FROM +a
c:
  FROM ./other+x
d:
  FROM $OUTSIDE
e:
  FROM DOCKERFILE -f app/Dockerfile --target t app
  WITH DOCKER --pull redis:7 --compose c.yml
    RUN true
  END
`;
  const { images, jobs } = readChecked(earthfile, "Earthfile", text);
  assert.deepEqual(images, ["FROM ~alpine:3.20", "FROM golang:1", "FROM -$OUTSIDE of ?", "WITH DOCKER --pull redis:7"]);
  assert.deepEqual(jobs.Earthfile, [
    "docker build app -f app/Dockerfile --target t",
    "pull redis:7",
    "compose up c.yml",
  ]);
});

test("Testcontainers' properties name images and a prefix for all of Docker Hub's", () => {
  const text =
    "ryuk.container.image = testcontainers/ryuk:0.5.1\r\n#tinyimage.container.image=no:1\nhub.image.name.prefix=r.example/hub/\n";
  const path = "src/test/resources/testcontainers.properties";
  const { images, jobs } = readChecked(testcontainersProperties, path, text);
  assert.deepEqual(images, ["ryuk.container.image testcontainers/ryuk:0.5.1"]);
  assert.deepEqual(jobs[path], ["mirror r.example/hub/"]);
});
