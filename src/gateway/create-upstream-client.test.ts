import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { openUpstreamClient } from "../../test/fixtures/upstream-bench.ts";
import { type SimulatorOptions, startDockerHubSimulator } from "../docker-hub/simulator.ts";
import { digestOf } from "../oci/digest.ts";
import type { ImageIndex, ImageManifest } from "../oci/manifest.ts";
import type { UpstreamClientOptions } from "./create-upstream-client.ts";
import type { Identity } from "./identity.ts";
import { readBody } from "./read-body.ts";

type Options = Partial<UpstreamClientOptions> & { identities?: readonly Identity[] };

async function openHub(t: TestContext, simulated: Partial<SimulatorOptions> = {}, options: Options = {}) {
  const simulator = await startDockerHubSimulator({
    accounts: [
      { user: "alice", password: "correct-horse", tier: "personal" },
      { user: "bob", password: "correct-horse", tier: "pro" },
    ],
    clientAddress: "203.0.113.10",
    now: Date.now,
    ...simulated,
  });
  t.after(() => simulator.stop());
  const opened = openUpstreamClient(t, {
    name: "docker.io",
    baseUrl: simulator.url,
    silenceMilliseconds: 5000,
    ...options,
  });
  const shorten = (path: string) => path.replace(/[0-9a-f]{64}$/, "…").replace(/^\/registry-v2\/.*/, "/…");
  const asked = () => simulator.requests().map(({ method, host, path }) => `${method} ${host}${shorten(path)}`);
  return { ...opened, simulator, asked };
}

const busybox = existsSync("/bin/busybox") || existsSync("/usr/bin/busybox");

describe("an upstream client of the simulated Docker Hub", { skip: !busybox && "no busybox here" }, () => {
  test("pulls an image with one token, and its manifest GETs are what is counted", async (t) => {
    const { client, exchanges, asked } = await openHub(t, { remaining: 5 });
    const head = await client.headManifest("library/httpd", "2.4");
    const index = await client.getManifest("library/httpd", head!.digest);
    assert.deepEqual(index?.head, head);
    const { manifests } = JSON.parse(String(index?.body)) as ImageIndex;
    const manifest = await client.getManifest("library/httpd", manifests[0]!.digest);
    const { config, layers } = JSON.parse(String(manifest?.body)) as ImageManifest;
    assert.equal(await client.headBlob("library/httpd", config.digest), config.size);
    const blob = await client.getBlob("library/httpd", layers[0]!.digest, 0);
    assert.deepEqual([blob?.size, blob?.start], [layers[0]!.size, 0]);
    assert.equal(digestOf(await readBody(blob!.body, layers[0]!.size)), layers[0]!.digest);
    assert.deepEqual((await client.listTags("library/httpd"))?.tags.slice(0, 2), ["2", "2.4"]);
    assert.deepEqual(asked(), [
      "HEAD registry-1.docker.io/v2/library/httpd/manifests/2.4",
      "GET auth.docker.io/token",
      "HEAD registry-1.docker.io/v2/library/httpd/manifests/2.4",
      "GET registry-1.docker.io/v2/library/httpd/manifests/sha256:…",
      "GET registry-1.docker.io/v2/library/httpd/manifests/sha256:…",
      "HEAD registry-1.docker.io/v2/library/httpd/blobs/sha256:…",
      "HEAD production.cloudflare.docker.com/…",
      "GET registry-1.docker.io/v2/library/httpd/blobs/sha256:…",
      "GET production.cloudflare.docker.com/…",
      "GET registry-1.docker.io/v2/library/httpd/tags/list",
    ]);
    const pulls = exchanges.filter(({ counted }) => counted);
    assert.deepEqual(
      pulls.map(({ method, kind, identity, remaining }) => [method, kind, identity, remaining]),
      [
        ["GET", "manifest", "anonymous", 5],
        ["GET", "manifest", "anonymous", 4],
      ],
    );
  });
});
