import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { chooseDockerClient, describeDockerClient, findDockerClients } from "./docker-client.ts";

// A suite: hooks at the top level would run for every test of the process.
describe("docker clients", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "chubo-clients-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A directory with a `docker` that answers `--version` with that text. */
  function clientDirectory(name: string, answer: string): string {
    const directory = join(root, name);
    mkdirSync(directory);
    writeProgram(join(directory, "docker"), `echo '${answer}'`);
    return directory;
  }

  function writeProgram(file: string, body: string): void {
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
  }

  const debian = "Docker version 20.10.24+dfsg1, build 297e128";
  const lone = "Docker version 28.2.2, build e6534b4";

  test("a lone new client is passed over for an older one that holds BuildKit, and the description says why", async () => {
    const [first, second] = [clientDirectory("new", lone), clientDirectory("old", debian)];
    const clients = await findDockerClients(`${first}:${second}`, { plugins: [] });
    const client = chooseDockerClient(clients);
    assert.equal(client?.file, join(second, "docker"));
    assert.equal(client.buildKit, "built in");
    assert.equal(
      describeDockerClient(client, clients),
      `client 20.10.24+dfsg1 (${second}/docker), because ${first}/docker (28.2.2) lacks the buildx plugin`,
    );
  });

  test("a new client with the buildx plugin is taken", async () => {
    const directory = clientDirectory("new", lone);
    writeProgram(join(root, "docker-buildx"), "exit 0");
    const clients = await findDockerClients(directory, { plugins: [root] });
    assert.equal(chooseDockerClient(clients)?.buildKit, "buildx plugin");
  });

  test("where no client can build with BuildKit, the first one serves and the description warns", async () => {
    const clients = await findDockerClients(clientDirectory("new", lone), { plugins: [] });
    const client = chooseDockerClient(clients);
    assert.ok(client);
    assert.match(
      describeDockerClient(client, clients),
      /lacks the buildx plugin, so builds with DOCKER_BUILDKIT=1 fail$/,
    );
  });

  test("podman under the name docker and a program that fails are no docker clients", async () => {
    const podman = clientDirectory("podman", "podman version 4.3.1");
    const broken = clientDirectory("broken", "");
    writeProgram(join(broken, "docker"), `echo '${debian}'; exit 3`);
    assert.deepEqual(await findDockerClients(`${podman}:${broken}:${join(root, "absent")}`, { plugins: [] }), []);
  });

  test("a client that two names lead to counts once, under the first", async () => {
    const directory = clientDirectory("one", debian);
    symlinkSync(directory, join(root, "two"));
    const clients = await findDockerClients(`${join(root, "two")}:${directory}`, { plugins: [] });
    assert.deepEqual(
      clients.map(({ file }) => file),
      [join(root, "two", "docker")],
    );
  });
});
