import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";

for (const status of [502, 503, 504]) {
  test(`an upstream that answers ${status} is asked twice more`, async (t) => {
    const recovers = await startUpstream(t, (_, response, count) =>
      response.writeHead(count < 2 ? status : 200).end('{"tags":[]}'),
    );
    assert.deepEqual((await openUpstreamClient(t, { baseUrl: recovers.url }).client.listTags("y"))?.tags, []);
    const stays = await startUpstream(t, (_, response) => response.writeHead(status).end());
    const { client } = openUpstreamClient(t, { baseUrl: stays.url });
    await assert.rejects(client.listTags("y"), fails("unavailable", /^registry\.example answers \d+$/, { status }));
    assert.equal(stays.asked.length, 3);
  });
}

test("an upstream that answers 500 is asked once", async (t) => {
  const broken = await startUpstream(t, (_, response) => response.writeHead(500).end());
  const { client } = openUpstreamClient(t, { baseUrl: broken.url });
  await assert.rejects(client.listTags("y"), fails("unavailable", /answers 500/));
  assert.equal(broken.asked.length, 1);
});

test("no repetition begins that the time of a question does not allow, nor one for which a longer wait is asked", async (t) => {
  const slow = await startUpstream(t, (_, response) => response.writeHead(503).end());
  let time = 0;
  const { client } = openUpstreamClient(t, { baseUrl: slow.url, now: () => (time += 20), budgetMilliseconds: 10 });
  await assert.rejects(client.listTags("y"), fails("unavailable", /answers 503/));
  assert.equal(slow.asked.length, 1);
  const patient = await startUpstream(t, (_, response) => response.writeHead(503, { "retry-after": "30" }).end());
  const other = openUpstreamClient(t, { baseUrl: patient.url });
  await assert.rejects(other.client.listTags("y"), fails("unavailable", /answers 503/, { retryAfter: 30_000 }));
  assert.equal(patient.asked.length, 1);
});

test("an upstream that hangs is given up after each silence", async (t) => {
  const hangs = await startUpstream(t, () => undefined);
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: hangs.url, silenceMilliseconds: 20 });
  await assert.rejects(
    client.headManifest("y", "1"),
    fails("unavailable", /cannot be reached: silent for 0\.02 seconds/),
  );
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [undefined, undefined, undefined],
  );
});

test("an upstream where nobody listens is told with the reason", async (t) => {
  const { client } = openUpstreamClient(t, { baseUrl: "http://127.0.0.1:1" });
  await assert.rejects(client.listTags("y"), fails("unavailable", /cannot be reached: connect ECONNREFUSED/));
});

test("an upstream that takes a connection and never speaks TLS is given up", async (t) => {
  const sockets: { destroy(): void }[] = [];
  const mute = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    mute.close();
    for (const socket of sockets) socket.destroy();
  });
  const baseUrl = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const { client } = openUpstreamClient(t, { baseUrl, connectMilliseconds: 20 });
  await assert.rejects(client.listTags("y"), fails("unavailable", /no connection within 0\.02 seconds/));
});

test("a kept connection that the upstream has closed is no failure", async (t) => {
  const registry = await startUpstream(t, ({ socket }, response) => {
    response.end('{"tags":["1"]}', () => setImmediate(() => socket.resetAndDestroy()));
  });
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  for (const _ of [1, 2, 3, 4, 5]) assert.deepEqual((await client.listTags("y"))?.tags, ["1"]);
});

test("closing ends what is asked and what is being read", async (t) => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const registry = await startUpstream(t, ({ url }, response) => {
    if (url?.includes("/tags/")) return arrive();
    response.writeHead(200, { "content-length": 100 }).write("a part");
  });
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  const blob = await client.getBlob("y", digestOf("content"), 0);
  const listing = assert.rejects(client.listTags("y"), fails("unavailable", /registry\.example is no longer asked/));
  await arrived;
  client.close();
  await listing;
  await assert.rejects(blob!.body.toArray(), fails("unavailable", /registry\.example is no longer asked/));
  await assert.rejects(client.listTags("y"), fails("unavailable", /registry\.example is no longer asked/));
});
