// A registry is killed in the middle of a push and started again on the same directory: what it acknowledged is there,
// what it did not is not, and nothing is left over.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { digestOf } from "../../src/oci/digest.ts";
import { imageManifest, pushBlob, pushImage, putManifest, startRegistryServer } from "../fixtures/registry-server.ts";
import { type Moment, moments, type Subject } from "./dying-content.ts";

const program = join(import.meta.dirname, "registry-process.ts");
const body = "0123456789".repeat(1000);
const digest = digestOf(body);

interface RunningRegistry {
  child: ChildProcess;
  exited: Promise<unknown>;
  origin: string;
}

async function startProcess(t: TestContext, directory: string, ...when: [Subject?, Moment?]): Promise<RunningRegistry> {
  const child = spawn(process.execPath, [program, directory, ...when.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, exited, origin: line.toString("utf8").trim() };
}

/** A directory with an image that was pushed and acknowledged before. */
async function freshDirectory(t: TestContext): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "chubo-crash-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const server = await startRegistryServer({ directory });
  await pushImage(server, "app", "before");
  await server.close();
  return directory;
}

async function restart(t: TestContext, directory: string) {
  const server = await startRegistryServer({ directory });
  t.after(() => server.close());
  const before = await server.request("app/manifests/before");
  assert.equal(await before.text(), imageManifest("{}", "layer"));
  assert.equal(await (await server.request(`app/blobs/${digestOf("layer")}`)).text(), "layer");
  for (const file of globSync(join(directory, "content/sha256/*/*"))) {
    assert.equal(createHash("sha256").update(readFileSync(file)).digest("hex"), basename(file));
  }
  return server;
}

function contentCount(directory: string): number {
  return globSync(join(directory, "content/sha256/*/*")).length;
}

async function startUpload(origin: string): Promise<string> {
  const response = await fetch(`${origin}/v2/app/blobs/uploads/`, { method: "POST" });
  return response.headers.get("location") ?? "";
}

async function patch(origin: string, location: string, chunk: string): Promise<void> {
  const response = await fetch(origin + location, { method: "PATCH", body: chunk });
  assert.equal(response.status, 202);
}

async function kill({ child, exited }: RunningRegistry): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}

async function finish(origin: string, location: string, rest: string): Promise<void> {
  const response = await fetch(`${origin}${location}?digest=${digest}`, { method: "PUT", body: rest });
  assert.equal(response.status, 201, await response.text());
  assert.equal(await (await fetch(`${origin}/v2/app/blobs/${digest}`)).text(), body);
}

describe("a registry that is killed", () => {
  test("goes on with an upload behind its last acknowledged chunk", async (t) => {
    const directory = await freshDirectory(t);
    const running = await startProcess(t, directory);
    const location = await startUpload(running.origin);
    await patch(running.origin, location, body.slice(0, 4000));
    await patch(running.origin, location, body.slice(4000, 6000));
    await kill(running);
    const { origin } = await restart(t, directory);
    const status = await fetch(origin + location);
    assert.equal(status.headers.get("range"), "0-5999");
    await finish(origin, location, body.slice(6000));
    assert.deepEqual(readdirSync(join(directory, "incoming")), []);
  });

  test("cuts off what it received of a chunk that it did not acknowledge", async (t) => {
    const directory = await freshDirectory(t);
    const running = await startProcess(t, directory);
    const location = await startUpload(running.origin);
    await patch(running.origin, location, body.slice(0, 4000));
    const torn = request(running.origin + location, { method: "PATCH", headers: { "content-length": 6000 } });
    torn.on("error", () => {});
    torn.write("x".repeat(3000));
    const received = async () => (await fetch(running.origin + location)).headers.get("range");
    while ((await received()) !== "0-6999") await setTimeout(5);
    await kill(running);
    const { origin } = await restart(t, directory);
    assert.equal((await fetch(origin + location)).headers.get("range"), "0-3999");
    await finish(origin, location, body.slice(4000));
    assert.deepEqual(readdirSync(join(directory, "incoming")), []);
  });

  test("has a blob and a manifest that it acknowledged", async (t) => {
    const directory = await freshDirectory(t);
    const running = await startProcess(t, directory);
    const location = await startUpload(running.origin);
    await finish(running.origin, location, body);
    const url = `${running.origin}/v2/app/manifests/after`;
    const put = await fetch(url, { method: "PUT", body: imageManifest("{}", body) });
    assert.equal(put.status, 400, "without its media type");
    const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
    assert.equal((await fetch(url, { method: "PUT", body: imageManifest("{}", body), headers })).status, 201);
    await kill(running);
    const server = await restart(t, directory);
    assert.equal(await (await server.request("app/manifests/after")).text(), imageManifest("{}", body));
    assert.equal(await (await server.request(`app/blobs/${digest}`)).text(), body);
  });

  test("sweeps an upload that nobody goes on with for a day", async (t) => {
    const directory = await freshDirectory(t);
    const running = await startProcess(t, directory);
    const location = await startUpload(running.origin);
    await patch(running.origin, location, body.slice(0, 4000));
    await kill(running);
    const later = await startRegistryServer({ directory, now: () => new Date(Date.now() + 24 * 3600 * 1000) });
    t.after(() => later.close());
    assert.equal(readdirSync(join(directory, "incoming")).length, 1);
    await pushBlob(later, "app", "another");
    assert.equal((await fetch(later.origin + location)).status, 404);
    assert.deepEqual(readdirSync(join(directory, "incoming")), []);
  });

  for (const moment of moments) {
    test(`when a finished blob is ${moment} has it whole or can finish it again`, async (t) => {
      const directory = await freshDirectory(t);
      const running = await startProcess(t, directory, "blob", moment);
      const location = await startUpload(running.origin);
      await patch(running.origin, location, body);
      await assert.rejects(fetch(`${running.origin}${location}?digest=${digest}`, { method: "PUT" }));
      await running.exited;
      const server = await restart(t, directory);
      const isThere = moment === "recorded";
      assert.equal((await server.request(`app/blobs/${digest}`)).status, isThere ? 200 : 404);
      assert.equal(readdirSync(join(directory, "incoming")).length, isThere ? 0 : 1);
      // Those of the image before: config, layer and manifest.
      assert.equal(contentCount(directory), isThere ? 4 : 3);
      if (!isThere) await finish(server.origin, location, "");
      assert.equal(contentCount(directory), 4);
      assert.deepEqual(readdirSync(join(directory, "incoming")), []);
      assert.deepEqual(server.defects, []);
    });

    test(`when a manifest is ${moment} has it with its tag or not at all`, async (t) => {
      const directory = await freshDirectory(t);
      const running = await startProcess(t, directory, "manifest", moment);
      const manifest = imageManifest("{}", "layer", { annotations: { "org.example.moment": moment } });
      const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
      const url = `${running.origin}/v2/app/manifests/after`;
      await assert.rejects(fetch(url, { method: "PUT", body: manifest, headers }));
      await running.exited;
      const server = await restart(t, directory);
      const isThere = moment === "recorded";
      for (const reference of ["after", digestOf(manifest)]) {
        assert.equal((await server.request(`app/manifests/${reference}`)).status, isThere ? 200 : 404);
      }
      assert.equal(contentCount(directory), isThere ? 4 : 3);
      assert.deepEqual(readdirSync(join(directory, "incoming")), []);
      assert.equal((await putManifest(server, "app", "after", manifest)).status, 201);
      assert.equal(await (await server.request("app/manifests/after")).text(), manifest);
    });
  }
});
