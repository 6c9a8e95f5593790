import assert from "node:assert/strict";
import { test } from "node:test";
import { type GatewayBench, type GatewayBenchOptions, openGatewayBench } from "../../test/fixtures/pull-gateway.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageIndex, ImageManifest } from "../oci/manifest.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

const repository = "library/httpd";

async function pullIndex(
  bench: GatewayBench,
  reference = "2.4",
): Promise<{ digest: Digest; child: Digest; stale?: string }> {
  const pulled = await bench.hub.pullManifest(repository, reference);
  assert.ok(pulled);
  const { manifests } = JSON.parse(pulled.body.toString("utf8")) as ImageIndex;
  const { digest, stale } = pulled.record;
  return { digest, child: manifests[0]?.digest as Digest, ...(stale === undefined ? {} : { stale }) };
}

/** As dockerd does: the tag's digest, then index and manifest by digest, then all blobs at once. */
async function pullImage(bench: GatewayBench): Promise<void> {
  const head = await bench.hub.manifestExists(repository, "2.4");
  assert.ok(head);
  const { child } = await pullIndex(bench, head.digest);
  const manifest = await bench.hub.pullManifest(repository, child);
  assert.ok(manifest);
  const { config, layers } = JSON.parse(manifest.body.toString("utf8")) as ImageManifest;
  await Promise.all(
    [config, ...layers].map(async ({ digest, size }) => {
      const blob = await bench.hub.openBlob(repository, digest);
      assert.equal(blob?.size, size);
      let read = 0;
      for await (const chunk of await blob.read()) read += (chunk as Buffer).length;
      assert.equal(read, size);
    }),
  );
}

const countOf = (bench: GatewayBench, kind: string, method: string, status = 200) =>
  bench.exchanges.filter(
    (exchange) => exchange.kind === kind && exchange.method === method && exchange.status === status,
  ).length;

test("ten cold pulls at once cost one token, one HEAD and one GET for each manifest", async (t) => {
  const bench = await openGatewayBench(t);
  await Promise.all(Array.from({ length: 10 }, () => pullImage(bench)));
  assert.equal(countOf(bench, "token", "GET"), 1);
  assert.equal(countOf(bench, "manifest", "HEAD"), 1);
  assert.equal(countOf(bench, "manifest", "GET"), 2);
  // Config and layers, each once from the registry and no HEAD beside; the redirects' targets answer with 200.
  const blobs = bench.exchanges.filter(({ kind, status }) => kind === "blob" && status === 200);
  assert.equal(new Set(blobs.map(({ reference }) => reference)).size, blobs.length);
  assert.equal(countOf(bench, "blob", "HEAD"), 0);
});

test("a warm pull within the tag's time to live asks nobody, one after it asks with a HEAD", async (t) => {
  const bench = await openGatewayBench(t);
  await pullImage(bench);
  const cold = bench.exchanges.length;
  await pullImage(bench);
  assert.equal(bench.exchanges.length, cold);
  bench.askedManifests();
  bench.clock.now += 60_000;
  await pullImage(bench);
  assert.deepEqual(bench.askedManifests(), ["HEAD 2.4"]);
});

test("a HEAD of a client spends no GET", async (t) => {
  const bench = await openGatewayBench(t, { simulator: { remaining: 0 } });
  const head = await bench.hub.manifestExists(repository, "2.4");
  assert.match(head?.digest ?? "", /^sha256:/);
  assert.deepEqual(bench.askedManifests(), ["HEAD 2.4"]);
});

test("a cold pull without a pull left fails for the limit and is not called absent", async (t) => {
  const bench = await openGatewayBench(t, { simulator: { remaining: 0 } });
  await assert.rejects(
    async () => bench.hub.pullManifest(repository, "2.4"),
    (error) => {
      assert.ok(error instanceof UpstreamFailure);
      assert.equal(error.kind, "pull-limit");
      return true;
    },
  );
});

test("what the upstream does not have is absent", async (t) => {
  const bench = await openGatewayBench(t);
  assert.equal(await bench.hub.pullManifest(repository, "nonesuch"), undefined);
  assert.equal(await bench.hub.openBlob(repository, `sha256:${"0".repeat(64)}`), undefined);
});

const outages: [what: string, prepare: (bench: GatewayBench) => unknown][] = [
  [
    "answers 503",
    ({ simulator }) => simulator.addFault({ path: "*", times: 100, fault: { kind: "status", status: 503 } }),
  ],
  ["is out of reach", ({ simulator }) => simulator.stop()],
];
for (const [what, prepare] of outages) {
  test(`what is stored is served, marked as stale, while the upstream ${what}, after a restart too`, async (t) => {
    const bench = await openGatewayBench(t);
    await pullImage(bench);
    await prepare(bench);
    await bench.restart();
    bench.clock.now += 60_000;
    await pullImage(bench);
    assert.match((await pullIndex(bench)).stale ?? "", /docker\.io/);
    assert.ok(bench.pulls.some(({ outcome }) => outcome === "stale"));
  });
}

test("a failed check is not repeated at each pull", async (t) => {
  const bench = await openGatewayBench(t);
  await pullImage(bench);
  await bench.simulator.stop();
  bench.clock.now += 60_000;
  await pullIndex(bench);
  const asked = bench.exchanges.length;
  await pullIndex(bench);
  assert.equal(bench.exchanges.length, asked);
  bench.clock.now += 30_000;
  await pullIndex(bench);
  assert.ok(bench.exchanges.length > asked);
});

const backed: GatewayBenchOptions = { simulator: { remaining: 0 }, settings: { fallback: "digest" } };

test("an official image comes from ECR Public by Docker Hub's digest where no pull is left", async (t) => {
  const bench = await openGatewayBench(t, backed);
  await pullImage(bench);
  const served = bench.exchanges.filter(
    ({ kind, method, status }) => kind === "manifest" && method === "GET" && status === 200,
  );
  assert.deepEqual([...new Set(served.map(({ upstream }) => upstream))], ["public.ecr.aws"]);
});

test("a tag is asked of the fallback only where that is allowed", async (t) => {
  const outage = {
    path: "*",
    host: "registry-1.docker.io",
    times: 100,
    fault: { kind: "status", status: 503 },
  } as const;
  for (const fallback of ["digest", "tag"] as const) {
    const bench = await openGatewayBench(t, { settings: { fallback }, simulator: { faults: [outage] } });
    const pulled = async () => bench.hub.pullManifest(repository, "2.4");
    if (fallback === "digest") await assert.rejects(pulled, UpstreamFailure);
    else assert.ok(await pulled());
  }
});

test("what is no official image has no fallback", async (t) => {
  const bench = await openGatewayBench(t, backed);
  await assert.rejects(async () => bench.hub.pullManifest("chubo/big", "200mb"), UpstreamFailure);
});

test("the account with a pull left is used, and the next one when it is spent", async (t) => {
  const accounts = ["alice", "bob"].map((user) => ({ user, password: "correct-horse", tier: "personal" as const }));
  const identities = ["alice", "bob"].map((name) => ({
    name,
    credentials: async () => ({ username: name, password: "correct-horse" }),
  }));
  const bench = await openGatewayBench(t, { simulator: { accounts }, settings: { identities } });
  bench.simulator.setRemaining(0, { account: "alice" });
  await pullImage(bench);
  const counted = bench.exchanges.filter((exchange) => exchange.counted);
  assert.deepEqual([...new Set(counted.map(({ identity }) => identity))], ["bob"]);
});

test("a client is held while a pull may become free", async (t) => {
  const bench = await openGatewayBench(t, {
    simulator: { remaining: 0, anonymous: { windowSeconds: 10 } },
    upstreams: { waitMaximum: 30_000 },
  });
  await pullImage(bench);
  assert.ok(bench.clock.now >= Date.UTC(2026, 10, 25) + 10_000);
});
