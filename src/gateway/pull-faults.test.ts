// What an upstream can do wrong, met by a whole gateway: a pull fails cleanly, stores nothing, and works again afterwards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GatewayBench, openGatewayBench } from "../../test/fixtures/pull-gateway.ts";
import type { Fault } from "../docker-hub/fault.ts";
import type { Digest } from "../oci/digest.ts";
import { digestOf } from "../oci/digest.ts";
import type { ImageIndex, ImageManifest } from "../oci/manifest.ts";
import type { RegistryContent } from "../registry/registry-content.ts";
import { RegistryError } from "../registry/registry-error.ts";
import { createGatewayContent } from "./gateway-content.ts";

const repository = "docker.io/library/httpd";

function contentOf(bench: GatewayBench): RegistryContent {
  return createGatewayContent((registry) => (registry === "docker.io" ? bench.hub : undefined));
}

async function pullManifest(content: RegistryContent): Promise<ImageManifest> {
  const index = await content.pullManifest(repository, "2.4");
  assert.ok(index);
  const { manifests } = JSON.parse(index.body.toString("utf8")) as ImageIndex;
  const manifest = await content.pullManifest(repository, manifests[0]?.digest ?? "");
  assert.ok(manifest);
  return JSON.parse(manifest.body.toString("utf8")) as ImageManifest;
}

async function pullBlob(content: RegistryContent, digest: Digest): Promise<Buffer> {
  const blob = await content.openBlob(repository, digest);
  assert.ok(blob);
  const chunks: Buffer[] = [];
  for await (const chunk of await blob.read()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `once`: a single such answer is made good without the client's noticing. */
const faults: [title: string, fault: Fault, mends?: "once"][] = [
  ["hangs", { kind: "hang" }],
  ["breaks off before the body", { kind: "cut", afterBytes: 0 }, "once"],
  ["sends other bytes of the same length", { kind: "wrong-digest" }],
  ["sends a byte too many", { kind: "wrong-length" }],
  ["answers with a page for people", { kind: "html" }],
  ["answers 500", { kind: "status", status: 500 }],
  ["answers 503", { kind: "status", status: 503 }, "once"],
  ["answers 504", { kind: "status", status: 504 }, "once"],
  ["redirects to itself", { kind: "redirect-loop" }],
  ["redirects to the cloud's credentials", { kind: "redirect", to: "http://169.254.169.254/latest/meta-data/" }],
];

for (const [title, fault] of faults) {
  test(`an upstream that ${title} for a manifest is no answer, and the next pull works`, async (t) => {
    const bench = await openGatewayBench(t);
    const content = contentOf(bench);
    bench.simulator.addFault({ path: "/v2/*/manifests/*", times: 100, fault });
    await assert.rejects(pullManifest(content), isRefusal);
    bench.simulator.clearFaults();
    await pullManifest(content);
  });

  test(`an upstream that ${title} for a blob is no answer, and the next pull works`, async (t) => {
    const bench = await openGatewayBench(t);
    const content = contentOf(bench);
    const { layers } = await pullManifest(content);
    const digest = layers[0]?.digest as Digest;
    for (const path of ["/v2/*/blobs/*", "/registry-v2/*"]) bench.simulator.addFault({ path, times: 100, fault });
    await assert.rejects(pullBlob(content, digest));
    await bench.restart();
    bench.simulator.clearFaults();
    assert.equal(digestOf(await pullBlob(contentOf(bench), digest)), digest);
  });
}

for (const [title, fault, mends] of faults) {
  if (mends === undefined) continue;
  test(`an upstream that once ${title} goes unnoticed`, async (t) => {
    const bench = await openGatewayBench(t);
    const content = contentOf(bench);
    bench.simulator.addFault({ path: "/v2/*/manifests/*", method: "GET", fault });
    const { layers } = await pullManifest(content);
    for (const path of ["/v2/*/blobs/*", "/registry-v2/*"]) bench.simulator.addFault({ path, fault });
    const digest = layers[0]?.digest as Digest;
    assert.equal(digestOf(await pullBlob(content, digest)), digest);
  });
}

test("a download that breaks off again and again is put together from its pieces", async (t) => {
  const bench = await openGatewayBench(t);
  const content = contentOf(bench);
  const { layers } = await pullManifest(content);
  const digest = layers[0]?.digest as Digest;
  bench.simulator.addFault({ path: "/registry-v2/*", times: 100, fault: { kind: "cut", afterBytes: 100 } });
  assert.equal(digestOf(await pullBlob(content, digest)), digest);
});

test("a spent limit is told as one, with the time to come again", async (t) => {
  const bench = await openGatewayBench(t, { simulator: { remaining: 0 } });
  await assert.rejects(pullManifest(contentOf(bench)), (error) => {
    assert.ok(error instanceof RegistryError);
    assert.equal(error.code, "TOOMANYREQUESTS");
    assert.ok(Number(error.headers["retry-after"]) >= 1);
    return true;
  });
});

test("a registry that is not among the upstreams is refused, not asked", async (t) => {
  const bench = await openGatewayBench(t);
  const content = contentOf(bench);
  await assert.rejects(async () => content.pullManifest("evil.example/app", "1"), { code: "DENIED" });
  assert.deepEqual(bench.exchanges, []);
});

/** Never "not found", never a defect. */
function isRefusal(error: unknown): boolean {
  assert.ok(error instanceof RegistryError, String(error));
  assert.ok(["UNAVAILABLE", "TOOMANYREQUESTS", "DENIED"].includes(error.code), error.code);
  return true;
}

test("a stored blob is sent from its file", async (t) => {
  const bench = await openGatewayBench(t);
  const content = contentOf(bench);
  const { config } = await pullManifest(content);
  const bytes = await pullBlob(content, config.digest);
  // The last bytes are given before the disk has them all.
  await bench.restart();
  const file = await (await contentOf(bench).openBlob(repository, config.digest))?.openFile?.();
  assert.equal(file?.size, bytes.length);
  file.release();
});
