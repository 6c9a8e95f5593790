import assert from "node:assert/strict";
import { test } from "node:test";
import { account, fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";
import { readBody } from "./read-body.ts";

const digest = digestOf("content");
/** 127.0.0.1 stands for the internet, all other addresses for a private network. */
const isPrivate = (address: string) => address !== "127.0.0.1";

test("a blob's other host gets no Authorization, and the range that was asked for", async (t) => {
  const store = await startUpstream(t, (_, response) =>
    response.writeHead(206, { "content-range": "bytes 3-6/7" }).end("tent"),
  );
  const registry = await startUpstream(t, ({ headers }, response) => {
    if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    else response.writeHead(307, { location: `${store.url}/signed?x=1` }).end("moved");
  });
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: registry.url, identities: [account("alice")] });
  const blob = await client.getBlob("y", digest, 3);
  assert.equal(String(await readBody(blob!.body, 100)), "tent");
  assert.deepEqual([blob?.start, blob?.size], [3, 7]);
  assert.deepEqual(store.asked, ["GET /signed?x=1"]);
  assert.equal(store.requests[0]?.headers.authorization, undefined);
  assert.equal(store.requests[0]?.headers.range, "bytes=3-");
  assert.deepEqual(
    exchanges.map(({ host, status, bytes }) => [host, status, bytes]),
    [
      ["registry.example", 401, 0],
      ["registry.example", 307, 5],
      [store.host, 206, 4],
    ],
  );
});

test("a redirect within the registry keeps its Authorization", async (t) => {
  const registry = await startUpstream(t, ({ headers, url }, response) => {
    if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    else if (url === "/elsewhere") response.end("content");
    else response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const { client } = openUpstreamClient(t, { baseUrl: registry.url, identities: [account("alice")] });
  assert.equal((await client.getBlob("y", digest, 0))?.size, 7);
});

test("a redirect in a loop is refused, and so is a sixth one", async (t) => {
  const loop = await startUpstream(t, ({ url }, response) =>
    response.writeHead(307, { location: url === "/a" ? "/b" : "/a" }).end(),
  );
  const circling = openUpstreamClient(t, { baseUrl: loop.url });
  await assert.rejects(circling.client.getBlob("y", digest, 0), fails("faulty", /redirects in a loop/));
  const chain = await startUpstream(t, (_, response, count) =>
    response.writeHead(307, { location: `/${count}` }).end(),
  );
  const wandering = openUpstreamClient(t, { baseUrl: chain.url });
  await assert.rejects(wandering.client.getBlob("y", digest, 0), fails("faulty", /redirects more than 5 times/));
  assert.equal(chain.asked.length, 6);
});

test("an upstream on the internet leads to no private address, by number or by name", async (t) => {
  const inside = await startUpstream(t, (_, response) => response.end("secret"), "127.0.0.2");
  for (const target of [inside.url, `http://[::1]:${inside.url.split(":").at(-1)}`, "http://169.254.169.254"]) {
    const registry = await startUpstream(t, (_, response) =>
      response.writeHead(307, { location: `${target}/latest/meta-data` }).end(),
    );
    const { client } = openUpstreamClient(t, { baseUrl: registry.url, isPrivate });
    await assert.rejects(client.getBlob("y", digest, 0), fails("faulty", /leads to .* is a private address$/));
  }
  const byName = await startUpstream(t, (_, response) =>
    response.writeHead(307, { location: `http://localhost:${inside.url.split(":").at(-1)}/` }).end(),
  );
  // The first address that is looked at is the registry's own.
  let looked = 0;
  const named = openUpstreamClient(t, { baseUrl: byName.url, isPrivate: () => looked++ > 0 });
  await assert.rejects(
    named.client.getBlob("y", digest, 0),
    fails("faulty", /leads to localhost is a private address/),
  );
  assert.deepEqual(inside.asked, []);
});

test("a registry that its owner put at a private address may lead to its neighbours", async (t) => {
  const store = await startUpstream(t, (_, response) => response.end("content"), "127.0.0.2");
  const registry = await startUpstream(t, (_, response) =>
    response.writeHead(307, { location: `${store.url}/x` }).end(),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.equal((await client.getBlob("y", digest, 0))?.size, 7);
});

test("a registry that a client named is not sought on this machine", async (t) => {
  const inside = await startUpstream(t, (_, response) => response.end('{"tags":[]}'));
  for (const name of [inside.host, inside.host.replace("127.0.0.1", "localhost")]) {
    const { client, exchanges } = openUpstreamClient(t, { name });
    await assert.rejects(client.listTags("y"), fails("faulty", /is a private address/));
    assert.deepEqual(exchanges, []);
  }
});

test("a redirect to what is no https is refused", async (t) => {
  for (const [location, reason] of [
    ["ftp://elsewhere.example/x", /leads to ftp:\/\/elsewhere\.example, which is not https/],
    ["http://", /redirects to what is no URL/],
  ] as const) {
    const registry = await startUpstream(t, (_, response) => response.writeHead(307, { location }).end());
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    await assert.rejects(client.getBlob("y", digest, 0), fails("faulty", reason));
  }
});

test("what the store of the blobs refuses, the registry has not refused", async (t) => {
  const store = await startUpstream(t, (_, response) => response.writeHead(403).end("expired"));
  const registry = await startUpstream(t, (_, response) => response.writeHead(307, { location: store.url }).end());
  const { client, pool } = openUpstreamClient(t, { baseUrl: registry.url });
  const reason = fails("unavailable", /^127\.0\.0\.1:\d+, where registry\.example keeps its content, answers 403$/);
  await assert.rejects(client.getBlob("y", digest, 0), reason);
  assert.deepEqual(pool.observed, []);
});
