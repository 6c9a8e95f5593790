// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readChecked } from "../../../../test/contracts/read-checked.ts";
import { githubActions } from "./github-actions.ts";

const read = (text: string, path = ".github/workflows/ci.yml") => readChecked(githubActions, path, text);

const job = (body: string) => `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n${body.replace(/^/gm, "    ")}`;
const jobOf = (body: string) => read(job(body)).jobs.a;

describe("a GitHub workflow", () => {
  test("pulls its container, its services and Docker actions before the first step", () => {
    const text = job(`container: node:20
services:
  db: {image: "postgres:16", credentials: {username: x, password: y}}
  none: {image: ""}
steps:
  - uses: docker/login-action@v3
    with: {username: a, password: "\${{ secrets.P }}"}
  - uses: docker://alpine:3.20
`);
    assert.deepEqual(read(text).jobs.a, [
      "node:20",
      "postgres:16 with login",
      "alpine:3.20",
      "login Docker Hub as a by action $secrets.P",
    ]);
    assert.deepEqual(read(text).images, [
      "container node:20",
      "services.db postgres:16",
      "uses: docker:// alpine:3.20",
    ]);
  });

  test("names an image for each leg of its matrix, and is changed where the matrix names it", () => {
    const text = job(`strategy:
  matrix:
    image: ["node:18", "node:20"]
    include: [{image: "node:22"}, {os: x}]
container: \${{ matrix.image }}
steps: []
`);
    assert.deepEqual(read(text).images, ["container node:18", "container node:20", "container node:22"]);
    const tags = job("strategy: {matrix: {v: [18, 20]}}\ncontainer: node:${{ matrix.v }}\nsteps: []\n");
    assert.deepEqual(read(tags).images, ["container ~node:18", "container ~node:20"]);
    const objects = job("strategy: {matrix: {t: [{image: a/b:1}]}}\ncontainer: ${{ matrix.t.image }}\n");
    assert.deepEqual(read(objects).images, ["container a/b:1"]);
  });

  test("tells the registry of what it does not decide", () => {
    assert.deepEqual(jobOf("container: ${{ fromJSON(inputs.x).image }}"), ["${{ fromJSON(inputs.x).image }} of ?"]);
    assert.deepEqual(jobOf("container: ghcr.io/${{ github.repository }}:1"), [
      "ghcr.io/${{ github.repository }}:1 of ghcr.io",
    ]);
    assert.deepEqual(jobOf("container: node:${{ inputs.v }}"), ["node:${{ inputs.v }} of docker.io"]);
    assert.deepEqual(jobOf("container: node:${{ inputs.v || '20' }}"), ["node:20"]);
    assert.deepEqual(jobOf("container: localhost:${{ inputs.port }}/x:1"), [
      "localhost:${{ inputs.port }}/x:1 of localhost:*",
    ]);
  });

  test("pulls BuildKit for buildx, unless the driver needs none", () => {
    assert.deepEqual(
      jobOf(`steps:
  - uses: docker/setup-qemu-action@v3
  - uses: docker/setup-buildx-action@v3
  - {uses: docker/setup-buildx-action@v3, with: {driver: docker}}
  - uses: docker/setup-buildx-action@v3
    with:
      driver-opts: |
        network=host
        image=moby/buildkit:v0.12.0
      buildkitd-config-inline: |
        [registry."docker.io"]
          mirrors = ["mirror.gcr.io"]
`),
      [
        "pull docker.io/tonistiigi/binfmt:latest",
        "pull moby/buildkit:buildx-stable-1",
        "pull moby/buildkit:v0.12.0",
        "mirror mirror.gcr.io",
      ],
    );
  });

  test("builds once for each leg in which the build differs", () => {
    assert.deepEqual(
      jobOf(`strategy: {matrix: {app: [web, api]}}
env: {DIR: src}
steps:
  - uses: docker/build-push-action@v6
    with:
      context: "{{defaultContext}}:\${{ env.DIR }}/\${{ matrix.app }}"
      file: Dockerfile.\${{ matrix.app }}
      target: \${{ inputs.target }}
      build-contexts: base=docker-image://alpine:3
  - uses: docker/build-push-action@v6
    with: {context: "https://github.com/x/y.git", sbom: true}
`),
      [
        "pull alpine:3",
        "action build src/web -f Dockerfile.web",
        "action build src/api -f Dockerfile.api",
        "pull docker/buildkit-syft-scanner:stable-1",
        "action build ?",
      ],
    );
  });

  test("builds by a local action with the inputs of Docker's, and pulls what any action's input names by BuildKit's scheme", () => {
    const steps = jobOf(`steps:
  - uses: ./
    with: {context: ./test, file: ./test/base.Dockerfile, load: true, tags: "base:local"}
  - uses: ./.github/actions/build
    with:
      context: ./test
      build-contexts: |
        alpine=docker-image://alpine:edge
        base=docker-image://base:local
  - uses: ./.github/actions/lint
    with: {file: x}
  - uses: depot/build-push-action@v1
    with: {build-contexts: "a=docker-image://redis:7"}
`);
    assert.deepEqual(steps, [
      "action build ./test -f ./test/base.Dockerfile",
      "pull alpine:edge",
      "action build ./test",
      "pull redis:7",
    ]);
  });

  test("tells a build's arguments that are not constant from those that it does not give", () => {
    const text = job(`steps:
  - uses: docker/build-push-action@v6
    with:
      build-args: |
        V=1
        BASE=\${{ inputs.base }}
`);
    const [step] = githubActions.read({ path: ".github/workflows/ci.yml", text }).jobs[0]?.steps ?? [];
    assert.ok(step?.kind === "build");
    assert.deepEqual([step.buildArguments, step.unknownBuildArguments], [{ V: "1" }, ["BASE"]]);
  });

  test("logs in with each of the actions that do so", () => {
    const text = job(`steps:
  - uses: docker/login-action@v3
    if: github.event_name != 'pull_request'
    continue-on-error: true
    with: {registry: ghcr.io, username: "\${{ github.actor }}", password: "\${{ secrets.GITHUB_TOKEN }}"}
  - uses: docker/login-action@v3
    with:
      registry-auth: |
        - {registry: docker.io, username: a, password: "\${{ secrets.A }}"}
        - {registry: quay.io, username: b}
  - {uses: redhat-actions/podman-login@v1, with: {registry: quay.io, username: c}}
`);
    assert.deepEqual(read(text).jobs.a, [
      "login ghcr.io as ${{ github.actor }} by action $secrets.GITHUB_TOKEN (may fail)",
      "login docker.io as a by action $secrets.A",
      "login quay.io as b by action",
      "login quay.io as c by action",
    ]);
  });

  test("runs scripts with the environment, the matrix and the images of the steps before", () => {
    const text = `env: {IMAGE: "redis:7"}
jobs:
  a:
    runs-on: [self-hosted, linux]
    defaults: {run: {working-directory: app}}
    strategy: {matrix: {v: [3.19, "3.20"]}}
    steps:
      - run: |
          echo "\${{ secrets.P }}" | docker login -u \${{ vars.U }} --password-stdin
          docker pull $IMAGE
          docker run \${{ env.IMAGE }} redis-server
          docker pull alpine:\${{ matrix.v }}
          docker pull x/y:\${{ github.sha }}
          docker build -t mine .
      - run: docker run mine
      - uses: docker/build-push-action@v6
        with: {load: true, tags: "me/app:test"}
      - run: docker run me/app:test
      - {run: "print('docker pull no')", shell: python}
`;
    assert.deepEqual(read(text).jobs.a, [
      "self-hosted",
      "login Docker Hub as ${{ vars.U }} by stdin",
      "pull redis:7",
      "pull redis:7",
      "pull alpine:3.19",
      "pull x/y:${{ github.sha }} of docker.io",
      "docker build app",
      "pull alpine:3.20",
      "action build .",
    ]);
  });

  test("that is not well-formed is a note", () => {
    assert.match(read("jobs: [").notes[0] ?? "", /^not well-formed YAML/);
  });
});

describe("an action's definition", () => {
  test("of the kind docker pulls its image or builds its Dockerfile", () => {
    const pulled = read("runs: {using: docker, image: 'docker://alpine:3'}\n", "action.yml");
    assert.deepEqual(pulled.jobs["action.yml"], ["alpine:3"]);
    const built = read("runs: {using: docker, image: Dockerfile}\n", "tools/lint/action.yml");
    assert.deepEqual(built.jobs["tools/lint/action.yml"], ["action build tools/lint -f tools/lint/Dockerfile"]);
  });

  test("of the kind composite has the steps of a job", () => {
    const { jobs } = read("runs:\n  using: composite\n  steps: [{run: docker pull a:1, shell: bash}]\n", "action.yaml");
    assert.deepEqual(jobs["action.yaml"], ["pull a:1"]);
  });
});
