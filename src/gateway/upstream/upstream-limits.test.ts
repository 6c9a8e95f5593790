import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { account, anonymous, fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";

const manifest = '{"schemaVersion":2}';
const limitText = "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading";

function sendManifest(response: ServerResponse): void {
  const headers = { "content-type": mediaTypes.imageIndex, "docker-content-digest": digestOf(manifest) };
  response.writeHead(200, { ...headers, "content-length": manifest.length, "ratelimit-remaining": "9;w=3600" });
  response.end(response.req.method === "HEAD" ? undefined : manifest);
}

function sendPullLimit(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(429, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ errors: [{ code: "TOOMANYREQUESTS", message: limitText }] }));
}

test("where one identity has no pulls left, the next one pulls", async (t) => {
  const hub = await startUpstream(t, ({ headers }, response) => {
    if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    else if (headers.authorization.endsWith(Buffer.from("alice:correct-horse").toString("base64")))
      sendPullLimit(response);
    else sendManifest(response);
  });
  const identities = [account("alice"), account("bob")];
  const { client, pool, exchanges } = openUpstreamClient(t, { baseUrl: hub.url, identities });
  assert.equal(String((await client.getManifest("y", "1"))?.body), manifest);
  assert.deepEqual(pool.observed, ["alice 429 pull-limit", "bob 200"]);
  assert.deepEqual(
    exchanges.map(({ identity, status, counted, remaining }) => [identity, status, counted, remaining]),
    [
      ["alice", 401, false, undefined],
      ["alice", 429, false, undefined],
      ["bob", 200, true, 9],
    ],
  );
});

test("when nobody has pulls left, the upstream's words and the wait are told, and nothing more is sent", async (t) => {
  const hub = await startUpstream(t, (_, response) => sendPullLimit(response));
  const { client } = openUpstreamClient(t, { baseUrl: hub.url, identities: [anonymous], now: () => 600_000 });
  const refused = fails(
    "pull-limit",
    /^registry\.example refuses the pull of anonymous: You have reached your pull rate/,
    {
      retryAfter: 3_000_000,
      status: 429,
    },
  );
  await assert.rejects(client.getManifest("y", "1"), refused);
  assert.equal(hub.asked.length, 1);
  await assert.rejects(client.getManifest("y", "1"), refused);
  assert.equal(hub.asked.length, 1);
});

test("who rests before anything was heard of it pulls nothing", async (t) => {
  const hub = await startUpstream(t, (_, response) => sendManifest(response));
  const { client, pool } = openUpstreamClient(t, { baseUrl: hub.url });
  pool.observe(anonymous, { status: 429, headers: {} });
  const rests = fails("pull-limit", /^nobody may pull from registry\.example now$/, { retryAfter: 3_600_000 });
  await assert.rejects(client.getManifest("y", "1"), rests);
  assert.deepEqual(hub.asked, []);
});

test("an identity without pulls still asks for what is not counted", async (t) => {
  const hub = await startUpstream(t, ({ method, url }, response) => {
    if (url?.includes("/blobs/")) response.writeHead(200, { "content-length": 7 }).end("content");
    else if (method === "HEAD") sendManifest(response);
    else if (url?.includes("/tags/")) response.end('{"tags":["1"]}');
    else sendPullLimit(response);
  });
  const { client } = openUpstreamClient(t, { baseUrl: hub.url });
  await assert.rejects(client.getManifest("y", "1"), fails("pull-limit", /pull rate limit/));
  assert.equal((await client.headManifest("y", "1"))?.digest, digestOf(manifest));
  assert.equal((await client.getBlob("y", digestOf("content"), 0))?.size, 7);
  assert.equal(await client.headBlob("y", digestOf("content")), 7);
  assert.deepEqual((await client.listTags("y"))?.tags, ["1"]);
});

test("a refused HEAD is told apart by what its headers say is left", async (t) => {
  const hub = await startUpstream(t, (_, response) =>
    response.writeHead(429, { "ratelimit-remaining": "0;w=3600" }).end(),
  );
  const { client } = openUpstreamClient(t, { baseUrl: hub.url });
  await assert.rejects(client.headManifest("y", "1"), fails("pull-limit", /too many requests/));
});

for (const [title, retryAfter, wait] of [
  ["seconds", "60", 60_000],
  ["a date", "Thu, 01 Jan 1970 00:30:00 GMT", 1_200_000],
  ["a Unix timestamp", "1800000000", 24 * 3_600_000],
  ["nothing", undefined, 60_000],
] as const) {
  test(`the abuse limit with ${title} to wait for rests all identities, and nothing is sent until then`, async (t) => {
    const hub = await startUpstream(t, (_, response, count) => {
      if (count > 0) return response.end('{"tags":["1"]}');
      response.writeHead(429, {
        ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
        connection: "close",
      });
      response.end("Too Many Requests (HAP429).\n");
    });
    let time = 600_000;
    const identities = [account("alice"), anonymous];
    const { client, pool } = openUpstreamClient(t, { baseUrl: hub.url, identities, now: () => time });
    const reason = fails("abuse-limit", /refuses requests: Too Many Requests \(HAP429\)\.$/, { retryAfter: wait });
    await assert.rejects(client.listTags("y"), reason);
    assert.deepEqual(pool.observed, ["alice 429 abuse-limit"]);
    time += wait - 1;
    const resting = fails("abuse-limit", /is not asked until it takes requests again/, { retryAfter: 1 });
    await assert.rejects(client.listTags("y"), resting);
    await assert.rejects(client.getManifest("y", "1"), resting);
    assert.equal(hub.asked.length, 1);
    time += 1;
    assert.deepEqual((await client.listTags("y"))?.tags, ["1"]);
  });
}

test("ECR Public's rate is waited for, and nobody rests for it", async (t) => {
  const ecr = await startUpstream(t, (_, response, count) => {
    if (count > 0) return sendManifest(response);
    response.writeHead(429, { "retry-after": "0.01" });
    response.end('{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}');
  });
  const { client, pool } = openUpstreamClient(t, { baseUrl: ecr.url });
  assert.equal((await client.getManifest("y", "1"))?.head.size, manifest.length);
  assert.deepEqual(pool.observed, ["anonymous 200"]);
});

test("a login that is locked out gives way to the next identity", async (t) => {
  const hub = await startUpstream(t, ({ url, headers }, response) => {
    if (url?.startsWith("/token") && headers.authorization !== undefined) {
      response
        .writeHead(429, { "content-type": "application/json" })
        .end('{"details":"too many failed login attempts"}');
    } else if (url?.startsWith("/token")) response.end('{"token":"t"}');
    else if (headers.authorization === "Bearer t") response.end('{"tags":["1"]}');
    else response.writeHead(401, { "www-authenticate": `Bearer realm="${hub.url}/token"` }).end();
  });
  const { client, pool } = openUpstreamClient(t, { baseUrl: hub.url, identities: [account("alice"), anonymous] });
  assert.deepEqual((await client.listTags("y"))?.tags, ["1"]);
  assert.deepEqual(pool.observed, ["alice 429 pull-limit", "anonymous 200"]);
});
