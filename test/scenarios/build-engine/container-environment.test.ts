import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEngineOptions } from "../../../src/containers/build-engine.ts";
import {
  type ContainerEnvironmentOptions,
  outputDirectory,
} from "../../../src/services/codebuild/environment/container-environment.ts";
import type { BuildEnvironment } from "../../../src/services/codebuild/environment/environment.ts";
import { readMachineState } from "./machine-state.ts";
import { makeContext, openPlainContainer, path, skip, startEngineIn } from "./plain-container.ts";

let root: string;
let machine: object;
before(() => {
  root = mkdtempSync(join(tmpdir(), "chubo-ctr-"));
  machine = readMachineState(root);
  if (!skip) makeContext(root);
});
after(() => rmSync(root, { recursive: true }));

const engineIn = (name: string, options: Pick<BuildEngineOptions, "shared"> = {}) => startEngineIn(root, name, options);
const open = (name: string, more: Partial<ContainerEnvironmentOptions> = {}) => openPlainContainer(root, name, more);

async function run(
  environment: BuildEnvironment,
  script: string,
  variables: Record<string, string> = {},
  signal = new AbortController().signal,
): Promise<{ status: number; output: string }> {
  writeFileSync(join(environment.local.temporaryDirectory, "script.sh"), script);
  let output = "";
  const status = await environment.run({
    shell: "sh",
    file: `${environment.temporaryDirectory}/script.sh`,
    variables: { ...environment.variables, ...variables },
    onOutput: (chunk) => {
      output += chunk;
    },
    signal,
  });
  return { status, output };
}

test("commands run in the image as root, see source and certificates, and get every variable as it is", {
  skip,
}, async () => {
  const environment = await open("a");
  try {
    writeFileSync(join(environment.local.sourceDirectory, "file"), "source\n");
    const script = `id -u; cat /codebuild/output/src123456789/src/file /codebuild/readonly/ca-bundle.pem
      echo "$FROM_IMAGE|$LINES_|$DOCKER_HOST|$HOME|$SSL_CERT_FILE"; echo made >/codebuild/output/src123456789/src/made; exit 7`;
    const { status, output } = await run(environment, script, {
      LINES_: "one\ntwo",
      DOCKER_HOST: "tcp://x",
      SSL_CERT_FILE: "/of/the/build",
    });
    assert.equal(output, "0\nsource\ncertificates\ntwo words=yes|one\ntwo|tcp://x|/root|/of/the/build\n");
    assert.equal(status, 7);
    assert.equal(readFileSync(join(environment.local.sourceDirectory, "made"), "utf8"), "made\n");
  } finally {
    await environment.close();
  }
  assert.deepEqual(readMachineState(root), machine);
});

test("a variable's value is in no process's arguments", { skip }, async () => {
  const environment = await open("b");
  try {
    const running = run(environment, "echo started; sleep 2", { PASSWORD: "correct-horse-battery" });
    let seen = 0;
    for (let look = 0; look < 10; look++) {
      await delay(100);
      const read = (name: string) => globSync(`/proc/[0-9]*/${name}`).map(readQuietly);
      seen += read("environ").filter((text) => text.includes("PASSWORD=correct-horse-battery")).length;
      assert.ok(!read("cmdline").some((line) => line.includes("correct-horse-battery")));
    }
    assert.ok(seen > 0);
    assert.equal((await running).output, "started\n");
  } finally {
    await environment.close();
  }
});

test("a build that is stopped ends what it runs", { skip }, async () => {
  const environment = await open("c");
  try {
    const controller = new AbortController();
    const running = run(environment, "trap '' TERM; sleep 1000 & sleep 1001", {}, controller.signal);
    await delay(700);
    controller.abort();
    assert.notEqual((await running).status, 0);
    const { output } = await run(environment, "ps");
    assert.doesNotMatch(output, /sleep 100/);
  } finally {
    await environment.close();
  }
});

test("a container that ends under a build is AWS's error for it", { skip }, async () => {
  const environment = await open("d");
  try {
    const running = run(environment, "echo started; sleep 1000");
    const refused = assert.rejects(running, {
      code: "SINGLE_BUILD_CONTAINER_DEAD",
      message: /^Build container found dead/,
    });
    await delay(700);
    const [socket] = globSync(join(root, "d-engine/engine/docker.sock"));
    execFileSync("sh", ["-c", "docker kill $(docker ps -q)"], { env: { PATH: path, DOCKER_HOST: `unix://${socket}` } });
    await refused;
  } finally {
    await environment.close();
  }
});

test("a privileged build reaches its own daemon at the usual socket, and no other", { skip }, async () => {
  const shared = outputDirectory(join(root, "e"));
  const environment = await open("e", { privilegedEngine: await engineIn("e-inner", { shared }) });
  try {
    assert.match(environment.description, /with this machine's docker client/);
    const script = `printf 'FROM scratch\\nCOPY script.sh /\\n' >Dockerfile; docker build -q -t inner . && docker images --format '{{.Repository}}'`;
    const { status, output } = await run(environment, `cd /codebuild/output/tmp; ${script}`, { DOCKER_BUILDKIT: "1" });
    assert.match(output, /inner\n$/);
    assert.doesNotMatch(output, /plain/);
    assert.equal(status, 0);
  } finally {
    await environment.close();
  }
  assert.deepEqual(readMachineState(root), machine);
});

test("an image that cannot be pulled or run is refused in AWS's words, and nothing is left", { skip }, async () => {
  const pull = { code: "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE" };
  await assert.rejects(open("f", { image: "nobody.invalid/none:1" }), {
    ...pull,
    message: /^Unable to pull customer's container image\. CannotPullContainerError: .+nobody\.invalid/s,
  });
  await assert.rejects(open("g", { image: "aws/codebuild/standard:7.0" }), { ...pull, message: /--environment host/ });
  assert.deepEqual(readMachineState(root), machine);
});

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // Ended meanwhile.
    return "";
  }
}
