import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { account, anonymous, fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { type SimulatorOptions, startDockerHubSimulator } from "../../docker-hub/simulator.ts";
import { digestOf } from "../../oci/digest.ts";
import { type ImageIndex, type ImageManifest, mediaTypes } from "../../oci/manifest.ts";
import { UsageError } from "../../usage-error.ts";
import type { Identity } from "../identities/identity.ts";
import type { UpstreamClientOptions } from "./create-upstream-client.ts";
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

test("an address of an upstream that is none is refused, and not repeated", (t) => {
  for (const baseUrl of [
    "http://user:secret@registry.example",
    "http://registry.example/v2",
    "ftp://x",
    "x",
    "http://x/?y",
  ]) {
    assert.throws(
      () => openUpstreamClient(t, { baseUrl }),
      (error) =>
        error instanceof UsageError && error.code === "CONFIG_UPSTREAM" && !/secret/.test(error.message + error.hint),
    );
  }
});

test("a registry that answers manifests elsewhere is followed there", async (t) => {
  const manifest = '{"schemaVersion":2}';
  const regional = await startUpstream(t, (_, response) =>
    response.writeHead(200, { "content-type": mediaTypes.imageIndex }).end(manifest),
  );
  const registry = await startUpstream(t, ({ url }, response) =>
    response.writeHead(307, { location: `${regional.url}${url?.replace("/v2/", "/v2/k8s-artifacts-prod/")}` }).end(),
  );
  const { client } = openUpstreamClient(t, { name: "registry.k8s.io", baseUrl: registry.url });
  assert.equal((await client.getManifest("pause", "3.10"))?.head.digest, digestOf(manifest));
  assert.deepEqual(regional.asked, ["GET /v2/k8s-artifacts-prod/pause/manifests/3.10"]);
});

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

  test("goes on with an account where the address has no pulls left, and asks what is free as either", async (t) => {
    const identities = [anonymous, account("alice")];
    const { client, exchanges, pool } = await openHub(t, { remaining: 0 }, { identities });
    assert.ok(await client.getManifest("library/httpd", "2.4"));
    assert.ok(await client.headManifest("library/httpd", "2.4"));
    assert.deepEqual(
      exchanges
        .filter(({ kind }) => kind === "manifest")
        .map(({ identity, method, status }) => [identity, method, status]),
      [
        ["anonymous", "GET", 401],
        ["anonymous", "GET", 429],
        ["alice", "GET", 200],
        ["alice", "HEAD", 200],
      ],
    );
    assert.ok(pool.observed.includes("anonymous 429 pull-limit"));
  });

  test("says that there are no pulls left, that a login is wrong, and that an image is not there", async (t) => {
    const spent = await openHub(t, { remaining: 0 });
    const refused = fails(
      "pull-limit",
      /^docker\.io refuses the pull of anonymous: You have reached your pull rate limit\./,
    );
    await assert.rejects(spent.client.getManifest("library/httpd", "2.4"), refused);
    const wrong = await openHub(t, {}, { identities: [account("alice", "wrong-horse")] });
    const denied = fails("denied", /^the token service of docker\.io denies alice: incorrect username or password$/);
    await assert.rejects(wrong.client.headManifest("library/httpd", "2.4"), denied);
    const { client } = await openHub(t);
    assert.equal(await client.headManifest("library/httpd", "nonesuch"), undefined);
    await assert.rejects(
      client.getManifest("nobody/nothing", "1"),
      fails("denied", /^docker\.io denies this to anonymous/),
    );
  });

  test("asks ECR Public under its own name, with one token for all", async (t) => {
    const { client, exchanges } = await openHub(t, {}, { name: "public.ecr.aws" });
    assert.ok(await client.getManifest("docker/library/httpd", "2.4"));
    assert.ok(await client.getManifest("docker/library/busybox", "latest"));
    assert.deepEqual(
      exchanges.map(({ kind, status }) => `${kind} ${status}`),
      ["manifest 401", "token 200", "manifest 200", "manifest 200"],
    );
  });
});
