// containerd's own client through `chubo gateway`, set up by what docs/gateway.md says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { lacking, runProgram, startChuboGateway } from "../fixtures/chubo-gateway.ts";

const skip = process.getuid?.() !== 0 ? "containerd needs root" : lacking("containerd") || lacking("ctr");

/** A containerd whose store is empty. */
async function openContainerd(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "chubo-gateway-containerd-"));
  const address = join(directory, "containerd.sock");
  const config = join(directory, "config.toml");
  const disabled = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';
  const places = `root = "${directory}/root"\nstate = "${directory}/state"`;
  await writeFile(config, `version = 2\n${places}\n${disabled}\n[grpc]\n  address = "${address}"\n`);
  const daemon = spawn("containerd", ["--config", config], { stdio: "ignore" });
  t.after(async () => {
    daemon.kill("SIGTERM");
    if (daemon.exitCode === null) await once(daemon, "exit");
    await rm(directory, { recursive: true, force: true });
  });
  const ctr = (words: readonly string[]) => runProgram("ctr", ["--address", address, ...words]);
  while ((await ctr(["version"])).code !== 0) {
    assert.equal(daemon.exitCode, null, "containerd ended");
    await delay(100);
  }
  return async (words: readonly string[]) => {
    const { code, stdout, stderr } = await ctr(words);
    assert.equal(code, 0, `ctr ${words.join(" ")}\n${stderr}`);
    return stdout;
  };
}

test("containerd pulls by hosts.toml and by prefix, with no pull left at Docker Hub", { skip }, async (t) => {
  const gateway = await startChuboGateway(t);
  const certs = join(gateway.directory, "certs.d");
  const file = join(certs, "docker.io", "hosts.toml");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, gateway.snippet("/etc/containerd/certs.d/docker.io/hosts.toml"));
  const pull = ["images", "pull", "--snapshotter", "native", "--hosts-dir", certs, "docker.io/library/httpd:2.4"];
  const first = await openContainerd(t);
  await first(pull);
  gateway.hub.setRemaining(0);
  const second = await openContainerd(t);
  await second(pull);
  const third = await openContainerd(t);
  const [line = ""] = gateway.snippet("containerd-prefix").split("\n");
  const [program, group, verb, ...rest] = line.split(" ");
  assert.equal(program, "ctr");
  await third([group as string, verb as string, "--snapshotter", "native", ...rest]);
  const named = gateway.events.filter(({ path }) => String(path).includes("?ns=docker.io"));
  assert.ok(named.length > 0, "containerd names the registry");
});
