// Engines that begin with the layers that an earlier one has left: LOCAL_DOCKER_LAYER_CACHE.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEngine } from "../../../src/containers/build-engine.ts";
import { listProcesses, readMachineState } from "../build-engine/machine-state.ts";
import { makeContext, path, skip, startEngineIn } from "../build-engine/plain-container.ts";

let root: string;
let count = 0;
before(() => {
  root = mkdtempSync(join(tmpdir(), "chubo-lay-"));
  if (!skip) makeContext(root);
});
after(() => rmSync(root, { recursive: true }));

/** Runs a script in an engine of its own, and returns what it printed and whether the engine began with layers. */
async function runIn(layers: string, script: string): Promise<{ output: string; hasLayers: boolean | undefined }> {
  const engine = await startEngineIn(root, `e${count++}`, { layers });
  try {
    return { output: run(engine, script), hasLayers: engine.hasLayers };
  } finally {
    await engine.stop();
  }
}

function run(engine: BuildEngine, script: string): string {
  const env = { ...engine.environment, PATH: `${engine.binDirectory}:${path}`, HOME: root };
  return execFileSync("sh", ["-ec", script], { env, cwd: join(root, "context"), encoding: "utf8" });
}

const build = (kit: 0 | 1) => `DOCKER_BUILDKIT=${kit} docker build --progress plain -t made${kit} . 2>&1`;
const classic = "DOCKER_BUILDKIT=0 docker build -t made0 . 2>&1";

test("a later engine builds with the layers of an earlier one, and finds no container, network or volume of it", {
  skip,
  timeout: 120_000,
}, async () => {
  const machine = readMachineState(root);
  const layers = join(root, "one");
  const leave = `docker run -d --restart always --entrypoint sleep made0 1000
    docker network create other; docker volume create kept`;
  const first = await runIn(layers, `${classic}; ${build(1)}; ${leave}`);
  assert.doesNotMatch(first.output, /Using cache|CACHED/);
  assert.equal(first.hasLayers, false);
  assert.deepEqual(readMachineState(root), machine);
  const written = readdirSync(join(layers, "data/overlay2")).length;
  const second = await runIn(
    layers,
    `docker ps -aq; docker volume ls -q; docker network ls --format '{{.Name}}'; ${classic}; ${build(1)}
     docker run --rm --entrypoint cat made0 /etc/passwd`,
  );
  assert.equal(second.hasLayers, true);
  assert.match(second.output, /^bridge\nhost\nnone\n/);
  assert.match(second.output, /Using cache/);
  assert.match(second.output, /CACHED/);
  assert.match(second.output, /^builder:x:4242/m);
  // What the container had written is gone with it: one directory for itself, one below, each with a second name elsewhere.
  assert.equal(readdirSync(join(layers, "data/overlay2")).length, written - 2);
  assert.deepEqual(readMachineState(root), machine);
});

const spoils: Record<string, (data: string) => void> = {
  "whose records are no JSON": (data) => spoil(join(data, "image/*/repositories.json")),
  "whose BuildKit database is cut off": (data) => spoil(join(data, "buildkit/cache.db")),
  "that has another driver's layers as well": (data) => execFileSync("mkdir", [join(data, "image/vfs")]),
  "that is a file": (data) => {
    rmSync(data, { recursive: true });
    writeFileSync(data, "");
  },
};

function spoil(pattern: string): void {
  const [file] = globSync(pattern);
  if (file === undefined) throw new Error(`nothing is at ${pattern}`);
  writeFileSync(file, "x");
}

for (const [title, spoilData] of Object.entries(spoils)) {
  test(`a cache ${title} is given up, and the build goes on`, { skip, timeout: 180_000 }, async () => {
    const layers = join(root, `spoilt${count}`);
    await runIn(layers, build(1));
    spoilData(join(layers, "data"));
    const after = await runIn(layers, `${build(1)}; docker run --rm --entrypoint cat made1 /etc/passwd`);
    assert.doesNotMatch(after.output, /CACHED/);
    assert.match(after.output, /^builder:x:4242/m);
    assert.equal(after.hasLayers, false);
    assert.match((await runIn(layers, build(1))).output, /CACHED/);
  });
}

test("an engine that ends in the middle of a build leaves the layers that were finished", {
  skip,
  timeout: 120_000,
}, async () => {
  const layers = join(root, "stopped");
  for (const kit of [0, 1]) {
    const file = 'FROM scratch\nCOPY bin/ /bin/\nRUN ["/bin/busybox", "sleep", "1000"]\n';
    const engine = await startEngineIn(root, `e${count++}`, { layers });
    const words = ["build", "--progress", "plain", "-f", "-", "."].filter(
      (word) => kit === 1 || !/progress|plain/.test(word),
    );
    const env = {
      ...engine.environment,
      PATH: `${engine.binDirectory}:${path}`,
      HOME: root,
      DOCKER_BUILDKIT: `${kit}`,
    };
    const client = spawn("docker", words, { env, cwd: join(root, "context"), stdio: ["pipe", "ignore", "ignore"] });
    client.stdin.end(file);
    while (listProcesses("/bin/busybox\0sleep").length === 0) await delay(20);
    await engine.stop();
    if (client.exitCode === null) await once(client, "exit");
  }
  const [zero, one] = [await runIn(layers, classic), await runIn(layers, build(1))];
  assert.match(zero.output, /COPY bin\/ \/bin\/\n ---> Using cache/);
  assert.match(one.output, /CACHED/);
});

test("what an engine has left whose owner was killed is not trusted", { skip, timeout: 120_000 }, async (t) => {
  const machine = readMachineState(root);
  const layers = join(root, "crashed");
  await runIn(layers, build(1));
  const directory = join(root, `e${count++}`);
  mkdirSync(directory);
  const starter = join(import.meta.dirname, "../build-engine/start-engine.ts");
  const words = [starter, directory, "docker", layers];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  const engine: BuildEngine = JSON.parse(String(line));
  assert.match(run(engine, build(1)), /CACHED/);
  child.kill("SIGKILL");
  // At once: its daemon may still be there.
  const { output } = await runIn(layers, build(1));
  assert.doesNotMatch(output, /CACHED/);
  assert.match((await runIn(layers, build(1))).output, /CACHED/);
  assert.deepEqual(readMachineState(root), machine);
});
