// `chubo hub` as its users have it: a process of its own, and each real client by HOST:PORT.
import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import type { SimulatedRequest } from "../../src/docker-hub/request-log.ts";
import { startDockerd } from "../fixtures/dockerd.ts";

const program = join(import.meta.dirname, "..", "..", "bin", "chubo.js");
const missing = (name: string) => (spawnSync(name, ["--version"]).status === 0 ? false : `${name} is not installed`);
const refusal = /toomanyrequests: You have reached your pull rate limit\. You may increase the limit/;
const account = ["--account", "alice:correct-horse:personal"];

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(name: string, args: readonly string[], env = process.env, input = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(name, args, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

/** Starts the command with --json; resolves when it listens. */
async function startHub(t: TestContext, ...options: string[]) {
  const directory = await mkdtemp(join(tmpdir(), "chubo-hub-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const args = [program, "hub", "--port", "0", "--json", "--retry-after", "1", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = createInterface({ input: child.stdout });
  const requests: SimulatedRequest[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`chubo hub has ended with ${code}`)));
    lines.on("line", (line) => {
      const event = JSON.parse(line);
      if (event.event === "start") resolve(event.url);
      else requests.push(event);
    });
  });
  const stop = () => {
    child.kill("SIGINT");
    return ended;
  };
  t.after(stop);
  const control = async (name: string, body: object) => {
    const answer = await fetch(`${url}/_chubo/hub/${name}`, { method: "POST", body: JSON.stringify(body) });
    assert.equal(answer.status, 200, await answer.text());
  };
  return { url, place: url.slice("http://".length), directory, requests, stop, control };
}

test("skopeo copies the image of 200 MB, checking each digest, until strangers have spent the rest", {
  skip: missing("skopeo"),
}, async (t) => {
  const hub = await startHub(t, ...account);
  const source = ["--src-tls-verify=false", `docker://${hub.place}/chubo/big:200mb`];
  const copied = await run("skopeo", ["copy", ...source, `dir:${join(hub.directory, "big")}`]);
  assert.equal(copied.code, 0, copied.stderr);
  await hub.control("spend", { pulls: 99 });
  const refused = await run("skopeo", ["copy", ...source, `dir:${join(hub.directory, "again")}`]);
  assert.match(refused.stderr, refusal);
  const login = ["--src-creds", "alice:correct-horse"];
  const served = await run("skopeo", ["copy", ...login, ...source, `dir:${join(hub.directory, "again")}`]);
  assert.equal(served.code, 0, served.stderr);
  assert.equal(await hub.stop(), 130);
  const sent = hub.requests.reduce((total, { bytes }) => total + bytes, 0);
  assert.ok(sent > 2 * 5 * 40 * 1024 * 1024, `${sent} bytes`);
});

for (const client of ["podman", "buildah"]) {
  test(`${client} pulls by HOST:PORT, and is refused when nothing remains`, { skip: missing(client) }, async (t) => {
    const hub = await startHub(t, "--remaining", "1");
    const store = ["--root", join(hub.directory, "root"), "--runroot", join(hub.directory, "run")];
    const pull = [...store, "--storage-driver", "vfs", "pull", "--tls-verify=false", "--quiet"];
    // buildah asks for what it has only when it is told to; podman 4 knows no such word, and always asks.
    if (client === "buildah") pull.push("--policy", "always");
    const image = `${hub.place}/library/busybox`;
    const pulled = await run(client, [...pull, image]);
    assert.equal(pulled.code, 0, pulled.stderr);
    const refused = await run(client, [...pull, image]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, refusal);
    await hub.control("remaining", { remaining: 1 });
    const again = await run(client, [...pull, image]);
    assert.equal(again.code, 0, again.stderr);
    const counted = hub.requests.filter((request) => request.counted);
    assert.deepEqual([...new Set(counted.map(({ address }) => address))], ["127.0.0.1"]);
  });
}

test("podman is served by registries.conf in the place of Docker Hub, under the name it always uses", {
  skip: missing("podman"),
}, async (t) => {
  const hub = await startHub(t, "--remaining", "1");
  const file = join(hub.directory, "registries.conf");
  await writeFile(file, `[[registry]]\nprefix = "docker.io"\nlocation = "${hub.place}"\ninsecure = true\n`);
  const env = { ...process.env, CONTAINERS_REGISTRIES_CONF: file };
  const store = ["--root", join(hub.directory, "root"), "--runroot", join(hub.directory, "run")];
  const pull = [...store, "--storage-driver", "vfs", "pull", "--quiet", "docker.io/library/nginx:alpine"];
  const pulled = await run("podman", pull, env);
  assert.equal(pulled.code, 0, pulled.stderr);
  assert.match((await run("podman", pull, env)).stderr, refusal);
});

test("what podman has saved and skopeo has copied is served from --images", {
  skip: missing("podman") || missing("skopeo"),
}, async (t) => {
  const first = await startHub(t);
  const images = join(first.directory, "images");
  await mkdir(join(images, "team"), { recursive: true });
  const store = ["--root", join(first.directory, "root"), "--runroot", join(first.directory, "run")];
  const succeed = async (name: string, ...args: string[]) => {
    const outcome = await run(name, args);
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome.stdout.trim();
  };
  const podman = (...args: string[]) => succeed("podman", ...store, "--storage-driver", "vfs", ...args);
  const saved = join(images, "site.tar");
  const id = await podman("pull", "--tls-verify=false", "--quiet", `${first.place}/library/httpd:2.4`);
  await podman("tag", id, "docker.io/team/site:v1");
  await podman("save", "--quiet", "--output", saved, "docker.io/team/site:v1");
  await succeed("skopeo", "copy", `docker-archive:${saved}`, `oci:${join(images, "team", "layout")}:v2`);
  const second = await startHub(t, "--images", images);
  for (const name of ["team/site:v1", "team/layout:v2"]) {
    assert.notEqual(await podman("pull", "--tls-verify=false", "--quiet", `${second.place}/${name}`), "");
    const served = await succeed("skopeo", "inspect", "--tls-verify=false", `docker://${second.place}/${name}`);
    assert.equal(
      JSON.parse(served).Labels["org.opencontainers.image.description"],
      "stand-in for httpd made from busybox",
    );
  }
});

const dockerMissing =
  process.getuid?.() !== 0
    ? "dockerd needs root"
    : (["/usr/sbin/dockerd", "/usr/bin/docker"].find((file) => !existsSync(file)) ?? false);

/** A docker with a daemon, data and logins of its own. */
async function openDocker(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "chubo-dockerd-"));
  const daemon = await startDockerd(directory);
  // The daemon unmounts its data when it ends.
  t.after(() => daemon.stop().then(() => rm(directory, { recursive: true, force: true })));
  return (words: string[], input = "") =>
    run(
      "/usr/bin/docker",
      ["--config", join(directory, "config"), "--host", daemon.host, ...words],
      process.env,
      input,
    );
}

test("docker pulls by HOST:PORT, is refused when nothing remains, and served after its login", {
  skip: dockerMissing,
}, async (t) => {
  const docker = await openDocker(t);
  const hub = await startHub(t, "--remaining", "1", ...account);
  const pulled = await docker(["pull", `${hub.place}/library/httpd:2.4`]);
  assert.equal(pulled.code, 0, pulled.stderr);
  const refused = await docker(["pull", `${hub.place}/library/nginx`]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, refusal);
  const login = await docker(["login", "--username", "alice", "--password-stdin", hub.place], "correct-horse");
  assert.equal(login.code, 0, login.stderr);
  const served = await docker(["pull", `${hub.place}/library/nginx`]);
  assert.equal(served.code, 0, served.stderr);
});

test("docker reports the abuse limit's plain text as the real one's", { skip: dockerMissing }, async (t) => {
  const docker = await openDocker(t);
  const hub = await startHub(t, "--abuse-limit", "0");
  const refused = await docker(["pull", `${hub.place}/library/httpd:2.4`]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /error parsing HTTP 429 response body: invalid character 'T'/);
});
