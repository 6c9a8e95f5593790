// chubo.yml: services beside a build, and images that stand for those of AWS that cannot be pulled.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { failureOf, type Outcome, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Serves a page from the simulated Docker Hub's httpd, which is busybox's. */
function serviceOf(port: number, more = ""): string {
  return `services:
  web:
    image: busybox:latest
    environment: { GREETING: hello from a service }
    command: mkdir /www && echo "$GREETING" >/www/index.html && httpd -f -p 8080 -h /www
    ports: ["${port}:8080"]
${more}`;
}

function build(t: TestContext, files: { chubo: string; commands: string[] }, words: string[]): Promise<Outcome> {
  const directory = temporaryDirectory(t);
  const commands = files.commands.map((command) => `      - ${command}\n`).join("");
  writeFileSync(join(directory, "chubo.yml"), files.chubo);
  writeFileSync(join(directory, "buildspec.yml"), `version: 0.2\nphases:\n  build:\n    commands:\n${commands}`);
  return runChubo(["build", "--hub", "simulated", "--json", ...words], { directory });
}

for (const engine of ["docker", "podman"]) {
  test(`with ${engine} a build on the host finds a service at 127.0.0.1, once it can be used`, async (t) => {
    const port = engine === "docker" ? await freePort() : 8080;
    const commands = [`curl -sf --noproxy '*' http://127.0.0.1:${port}/`];
    const outcome = await build(t, { chubo: serviceOf(port), commands }, ["--engine", engine]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stderr, /^hello from a service$/m);
    assert.match(outcome.stderr, new RegExp(`web \\(busybox:latest\\) at 127\\.0\\.0\\.1:${port}`));
    assert.ok(resultOf(outcome).pulls.some(({ reference }) => reference.startsWith("docker.io/library/busybox")));
  });
}

test("a build in a container finds a service by its name, and two builds at once have one each", async (t) => {
  const chubo = `images:\n  aws/codebuild/standard:7.0: busybox:latest\n${serviceOf(8080)}`;
  const commands = ["echo $NO_PROXY; wget -Y off -qO- http://web:8080/", "sleep 1"];
  const words = ["--environment", "container", "--image", "aws/codebuild/standard:7.0", "--engine", "docker"];
  const outcomes = await Promise.all([1, 2].map(() => build(t, { chubo, commands }, words)));
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stderr, /^hello from a service$/m);
    assert.match(outcome.stderr, /^127\.0\.0\.1,localhost,169\.254\.170\.2,web$/m);
    assert.match(outcome.stderr, /environment: container of busybox:latest/);
  }
});

test("a service that ends, or is never ready, fails PROVISIONING with its last lines", async (t) => {
  const chubo =
    "services:\n  web:\n    image: busybox:latest\n    command: echo no database here; exit 3\n    ports: [8080]\n";
  const outcome = await build(t, { chubo, commands: ["true"] }, ["--engine", "docker"]);
  assert.equal(outcome.status, 1, outcome.stderr);
  assert.match(
    failureOf(resultOf(outcome)) ?? "",
    /^PROVISIONING CLIENT_ERROR: The service web \(busybox:latest\) has ended\. Its last lines: no database here$/,
  );
});

test("a service is ready when its own command says so", async (t) => {
  const ready = "    ready: test -e /tmp/ready\n";
  const chubo = serviceOf(await freePort(), ready).replace("mkdir /www", "(sleep 1; touch /tmp/ready) & mkdir /www");
  const outcome = await build(t, { chubo, commands: ["true"] }, ["--engine", "docker"]);
  assert.equal(outcome.status, 0, outcome.stderr);
});

for (const [title, chubo, place] of [
  ["a service without an image", "services:\n  db: { ports: [1] }\n", "2:7"],
  ["a port that is none", "services:\n  db: { image: x, ports: [99999] }\n", "2:27"],
  ["a name that no host can have", "services:\n  my_db: { image: x }\n", "2:10"],
  ["an unknown key", "services:\n  db: { image: x, volumes: [] }\n", "2:19"],
] as const) {
  test(`${title} is refused with its place`, async (t) => {
    const outcome = await build(t, { chubo, commands: ["true"] }, []);
    assert.equal(outcome.status, 2, outcome.stderr);
    assert.match(outcome.stderr, new RegExp(`at chubo\\.yml:${place}`));
  });
}
