// Real clients against the simulated Docker Hub, asked by its own address over HTTP.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type SimulatorOptions, startDockerHubSimulator } from "../../src/docker-hub/simulator.ts";

const isThere = (program: string) => spawnSync(program, ["--version"]).status === 0;
const skopeoMissing = isThere("skopeo") ? false : "skopeo is not installed";
const podmanMissing = isThere("podman") ? false : "podman is not installed";

async function openSimulator(t: TestContext, options: Partial<SimulatorOptions> = {}) {
  const simulator = await startDockerHubSimulator({
    accounts: [{ user: "alice", password: "correct-horse", tier: "personal" }],
    clientAddress: "203.0.113.10",
    // Without it skopeo and podman wait half a minute before they tell of a 429.
    retryAfter: 1,
    now: Date.now,
    ...options,
  });
  t.after(() => simulator.stop());
  const directory = await mkdtemp(join(tmpdir(), "chubo-hub-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return { simulator, directory, image: `127.0.0.1:${simulator.port}/library/httpd` };
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const refusal = /toomanyrequests: You have reached your pull rate limit\. You may increase the limit/;

test("skopeo copies an image and checks each digest of it", { skip: skopeoMissing }, async (t) => {
  const { directory, image, simulator } = await openSimulator(t);
  const target = `dir:${join(directory, "image")}`;
  const copied = await run("skopeo", ["copy", "--src-tls-verify=false", `docker://${image}:2.4`, target]);
  assert.equal(copied.code, 0, copied.stderr);
  const manifests = simulator.requests().filter(({ path, status }) => path.includes("/manifests/") && status === 200);
  assert.equal(manifests.length, 2);
});

test("skopeo is refused in Docker Hub's words where nothing remains, and served with a login", {
  skip: skopeoMissing,
}, async (t) => {
  const { image } = await openSimulator(t, { remaining: 0 });
  const inspect = ["inspect", "--tls-verify=false", `docker://${image}`];
  const refused = await run("skopeo", inspect);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, refusal);
  const served = await run("skopeo", [...inspect, "--creds", "alice:correct-horse"]);
  assert.equal(served.code, 0, served.stderr);
  const { Labels: labels } = JSON.parse(served.stdout);
  assert.equal(labels["org.opencontainers.image.description"], "stand-in for httpd made from busybox");
});

test("skopeo says that a password is wrong", { skip: skopeoMissing }, async (t) => {
  const { image } = await openSimulator(t);
  const wrong = await run("skopeo", ["inspect", "--tls-verify=false", "--creds", "alice:wrong", `docker://${image}`]);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /incorrect username or password/);
});

test("podman pulls until nothing remains, and with a login beyond that", { skip: podmanMissing }, async (t) => {
  const { directory, image, simulator } = await openSimulator(t, { remaining: 1 });
  const store = ["--root", join(directory, "root"), "--runroot", join(directory, "run"), "--storage-driver", "vfs"];
  const podman = (...args: string[]) => run("podman", [...store, ...args]);
  const pull = ["pull", "--tls-verify=false", "--quiet"];
  const first = await podman(...pull, image);
  assert.equal(first.code, 0, first.stderr);
  simulator.setRemaining(0);
  const refused = await podman(...pull, image);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, refusal);
  const served = await podman(...pull, "--creds", "alice:correct-horse", image);
  assert.equal(served.code, 0, served.stderr);
  assert.equal(served.stdout, first.stdout);
  const accounts = simulator.requests().filter(({ path, status }) => path.includes("/manifests/") && status === 200);
  assert.deepEqual([...new Set(accounts.map(({ account }) => account))], [undefined, "alice"]);
});
