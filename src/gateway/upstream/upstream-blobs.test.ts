import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";
import { readBody } from "./read-body.ts";

const digest = digestOf("content");

test("a blob's rest is asked for by its range", async (t) => {
  const registry = await startUpstream(t, (_, response) =>
    response.writeHead(206, { "content-range": "bytes 3-6/*" }).end("tent"),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  const blob = await client.getBlob("y", digest, 3);
  assert.deepEqual([blob?.start, blob?.size, String(await readBody(blob!.body, 9))], [3, undefined, "tent"]);
  assert.equal(registry.requests[0]?.headers.range, "bytes=3-");
});

test("an upstream that knows no ranges gives the whole blob", async (t) => {
  const registry = await startUpstream(t, (_, response) =>
    response.writeHead(200, { "content-length": 7 }).end("content"),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  const blob = await client.getBlob("y", digest, 3);
  assert.deepEqual([blob?.start, blob?.size, String(await readBody(blob!.body, 9))], [0, 7, "content"]);
});

for (const [title, status, headers, start] of [
  ["from another place on", 206, { "content-range": "bytes 2-6/7" }, 3],
  ["short of the end", 206, { "content-range": "bytes 3-5/7" }, 3],
  ["of another length than it says", 206, { "content-range": "bytes 3-6/7", "content-length": "3" }, 3],
  ["without a place", 206, {}, 3],
  ["in part where all was asked for", 206, { "content-range": "bytes 0-6/7" }, 0],
  ["with 416", 416, { "content-range": "bytes */7" }, 7],
  ["with 204", 204, {}, 0],
] as const) {
  test(`a blob that is answered ${title} is faulty`, async (t) => {
    const registry = await startUpstream(t, (_, response) => response.writeHead(status, headers).end("abc"));
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    await assert.rejects(client.getBlob("y", digest, start), fails("faulty", new RegExp(`answers ${status}`)));
  });
}

test("a blob that breaks off breaks off for its reader, whenever that one begins", async (t) => {
  const registry = await startUpstream(t, (_, response) => {
    response.writeHead(200, { "content-length": 100 }).write("a part", () => response.destroy());
  });
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: registry.url });
  const blob = await client.getBlob("y", digest, 0);
  await new Promise<void>((resolve) => blob!.body.once("close", () => resolve()));
  await assert.rejects(readBody(blob!.body, 100), fails("unavailable", /^registry\.example breaks off: aborted$/));
  assert.deepEqual(
    exchanges.map(({ status, bytes }) => [status, bytes]),
    [[200, 6]],
  );
});

test("a blob that falls silent is given up, and a reader that is slow is waited for", async (t) => {
  const size = 4 * 1024 * 1024;
  const silent = await startUpstream(t, (_, response) =>
    response.writeHead(200, { "content-length": 100 }).write("a part"),
  );
  const given = openUpstreamClient(t, { baseUrl: silent.url, silenceMilliseconds: 80 });
  const part = await given.client.getBlob("y", digest, 0);
  await assert.rejects(readBody(part!.body, 100), fails("unavailable", /silent for 0\.08 seconds/));
  const whole = await startUpstream(t, (_, response) => response.end(Buffer.alloc(size)));
  const { client } = openUpstreamClient(t, { baseUrl: whole.url, silenceMilliseconds: 80 });
  const blob = await client.getBlob("y", digest, 0);
  await sleep(250);
  assert.equal((await readBody(blob!.body, size)).length, size);
});

test("a blob that is not read to its end is no longer sent", async (t) => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const registry = await startUpstream(t, ({ socket }, response) => {
    socket.once("close", () => end());
    response.writeHead(200, { "content-length": 100 }).write("a part");
  });
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: registry.url });
  (await client.getBlob("y", digest, 0))?.body.destroy();
  await ended;
  assert.equal(exchanges.length, 1);
});

test("a blob's size is asked for by HEAD, and by GET where a signed link refuses that or says nothing", async (t) => {
  for (const refusal of [403, 200]) {
    const store = await startUpstream(t, ({ method }, response) => {
      if (method === "HEAD") response.writeHead(refusal, { "transfer-encoding": "chunked" }).end();
      else response.writeHead(200, { "content-length": 7 }).end("content");
    });
    const registry = await startUpstream(t, (_, response) =>
      response.writeHead(307, { location: `${store.url}/x` }).end(),
    );
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    assert.equal(await client.headBlob("y", digest), 7);
    assert.deepEqual(store.asked, ["HEAD /x", "GET /x"]);
  }
  const vague = await startUpstream(t, (_, response) =>
    response.writeHead(200, { "transfer-encoding": "chunked" }).end(),
  );
  const { client } = openUpstreamClient(t, { baseUrl: vague.url });
  await assert.rejects(client.headBlob("y", digest), fails("faulty", /does not say how large sha256:/));
});
