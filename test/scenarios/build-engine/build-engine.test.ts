import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEngine } from "../../../src/containers/build-engine.ts";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";
import { startBuildEngine } from "../../../src/containers/start-build-engine.ts";
import { listProcesses, readMachineState } from "./machine-state.ts";

const path = programPath(process.env.PATH ?? "");
const context = mkdtempSync(join(tmpdir(), "chubo-image-"));
const without = (program: string) =>
  process.getuid?.() !== 0
    ? "needs root"
    : findPrograms(program, path).length === 0 || findPrograms("busybox", path).length === 0
      ? `needs ${program} and busybox-static`
      : false;

const busybox = findPrograms("busybox", path)[0];
mkdirSync(join(context, "bin"));
if (busybox !== undefined) copyFileSync(busybox, join(context, "bin/busybox"));
const dockerfile = `FROM scratch
COPY bin/ /bin/
SHELL ["/bin/busybox", "sh", "-c"]
RUN /bin/busybox --install -s /bin && echo "made by RUN" >/made
CMD ["cat", "/made"]
`;
writeFileSync(join(context, "Dockerfile"), dockerfile);
after(() => rmSync(context, { recursive: true }));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "chubo-eng-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function start(name: string, engine: "docker" | "podman" = "docker"): Promise<BuildEngine> {
  const directory = join(root, name);
  mkdirSync(directory, { mode: 0o700 });
  return startBuildEngine({ engine, directory, proxyUrl: "http://127.0.0.1:9", caBundle: "/dev/null", path });
}

/** Runs a script as a build would, and returns what it printed. */
function run(engine: Pick<BuildEngine, "binDirectory" | "environment">, script: string, variables = {}): string {
  const env = { ...engine.environment, PATH: `${engine.binDirectory}:${path}`, HOME: root, ...variables };
  return execFileSync("sh", ["-ec", script], {
    env,
    cwd: context,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function startElsewhere(t: TestContext, engine: string): Promise<{ child: ChildProcess; engine: BuildEngine }> {
  const file = join(import.meta.dirname, "start-engine.ts");
  const child = spawn(process.execPath, [file, root, engine], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  return { child, engine: JSON.parse(String(line)) };
}

async function settle(before: object): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (JSON.stringify(readMachineState(root)) === JSON.stringify(before)) return;
    await delay(50);
  }
  assert.deepEqual(readMachineState(root), before);
}

test("builds with BuildKit and without it, runs, and publishes ports", { skip: without("dockerd") }, async () => {
  const before = readMachineState(root);
  const engine = await start("a");
  try {
    run(engine, "docker build -q -t classic .", { DOCKER_BUILDKIT: "0" });
    run(engine, "docker build -q -t kit .", { DOCKER_BUILDKIT: "1" });
    assert.equal(run(engine, "docker run --rm classic; docker run --rm kit"), "made by RUN\nmade by RUN\n");
    run(
      engine,
      "docker network create other; docker run -d --network other -p 127.0.0.1::80 kit nc -ll -p 80 -e cat /made",
    );
    const port = run(engine, "docker port $(docker ps -q) 80/tcp").trim().split(":").at(-1);
    assert.equal(run(engine, `busybox nc -w 2 127.0.0.1 ${port}`), "made by RUN\n");
  } finally {
    await engine.stop();
  }
  assert.deepEqual(readMachineState(root), before);
  assert.deepEqual([existsSync(join(root, "a/engine")), existsSync(join(root, "a/bin"))], [false, false]);
});

test("two engines at once see nothing of each other, nor of any other Docker", {
  skip: without("dockerd"),
}, async () => {
  const before = readMachineState(root);
  const [first, second] = await Promise.all([start("a"), start("b")]);
  try {
    run(first, "docker build -q -t mine . && docker run -d --name service mine sh -c 'while :; do sleep 1; done'");
    assert.equal(run(second, "docker images -q; docker ps -q"), "");
    await second.stop();
    assert.equal(run(first, "docker exec service cat /made"), "made by RUN\n");
    const socket = run(first, "docker run --rm -v /var/run/docker.sock:/socket mine ls /socket");
    assert.equal(socket, "/socket\n");
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  assert.deepEqual(readMachineState(root), before);
});

for (const kind of ["docker", "podman"]) {
  const skip = without(kind === "docker" ? "dockerd" : "podman");
  test(`a ${kind} engine ends, with all that runs in it, when its owner is killed`, { skip }, async (t) => {
    const before = readMachineState(root);
    const { child, engine } = await startElsewhere(t, kind);
    run(engine, "docker build -q -t i . && docker run -d i sh -c 'while :; do sleep 1; done'");
    child.kill("SIGKILL");
    await once(child, "exit");
    await settle(before);
    assert.equal(existsSync(join(root, "engine")), false);
  });
}

test("an engine whose supervisor was killed too ends, and the next one removes what it left", {
  skip: without("dockerd"),
}, async (t) => {
  const before = readMachineState(root);
  const { child, engine } = await startElsewhere(t, "docker");
  run(engine, "docker network create other");
  const [supervisor = Number.NaN] = listProcesses(join(root, "engine/supervise.sh"));
  process.kill(supervisor, "SIGKILL");
  child.kill("SIGKILL");
  await settle({ ...readMachineState(root), processes: [] });
  assert.notDeepEqual(readMachineState(root).links, before.links);
  await (await start("next")).stop();
  assert.deepEqual(readMachineState(root), before);
});

test("an engine without a network of its own runs containers in the machine's, and changes no rule", {
  skip: without("dockerd"),
}, async () => {
  const { links, rules, forwarding, ...before } = readMachineState(root);
  const directory = join(root, "a");
  mkdirSync(directory, { mode: 0o700 });
  const place = { directory, proxyUrl: "http://127.0.0.1:9", caBundle: "/dev/null", path };
  const engine = await startBuildEngine({ engine: "docker", network: "none", ...place });
  try {
    const { rules: now, forwarding: forwardingNow } = readMachineState(root);
    assert.deepEqual([now, forwardingNow], [rules, forwarding]);
    run(engine, "docker build -q --network host -t mine .", { DOCKER_BUILDKIT: "0" });
    const inside = run(engine, "docker run --rm --network host mine ls /sys/class/net");
    assert.match(inside, /^lo$/m);
    assert.equal(run(engine, "docker network ls --format '{{.Name}}'"), "host\nnone\n");
  } finally {
    await engine.stop();
  }
  assert.deepEqual(readMachineState(root), { links, rules, forwarding, ...before });
});

test("podman under the name docker builds, runs, and keeps its images to itself", {
  skip: without("podman"),
}, async () => {
  const before = readMachineState(root);
  const [first, second] = await Promise.all([start("a", "podman"), start("b", "podman")]);
  try {
    run(first, "docker image build -q -t mine .", { DOCKER_BUILDKIT: "1" });
    assert.equal(run(first, "docker run --rm mine"), "made by RUN\n");
    assert.equal(run(second, "docker images -q"), "");
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  assert.deepEqual(readMachineState(root), before);
});

test("a daemon that cannot start is refused with the end of its log", { skip: without("dockerd") }, async () => {
  const before = readMachineState(root);
  mkdirSync(join(root, "a"));
  mkdirSync(join(root, "a/engine"));
  writeFileSync(join(root, "a/engine/data"), "in the way");
  const directory = join(root, "a");
  await assert.rejects(
    startBuildEngine({ engine: "docker", directory, proxyUrl: "http://127.0.0.1:9", caBundle: "/dev/null", path }),
    { code: "CONTAINERS_ENGINE_NOT_STARTED", message: /canonical path points to a file/ },
  );
  assert.deepEqual(readMachineState(root), before);
});
