import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { account, anonymous, fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";

const manifest = '{"schemaVersion":2}';
const digest = digestOf(manifest);
const usual = { "content-type": mediaTypes.imageManifest, "docker-content-digest": digest };

function send(
  response: ServerResponse,
  headers: Record<string, string> = usual,
  body: string | Buffer = manifest,
): void {
  response.writeHead(200, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

test("every type of manifest is asked for, always in the same order", async (t) => {
  const registry = await startUpstream(t, (_, response) => send(response));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  const head = { digest, mediaType: mediaTypes.imageManifest, size: manifest.length };
  assert.deepEqual(await client.headManifest("a/b", "1"), head);
  assert.deepEqual(await client.getManifest("a/b", digest), { head, body: Buffer.from(manifest) });
  assert.deepEqual(registry.asked, ["HEAD /v2/a/b/manifests/1", `GET /v2/a/b/manifests/${digest}`]);
  const { imageIndex, dockerManifestList, imageManifest, dockerManifest } = mediaTypes;
  const accept = [imageIndex, dockerManifestList, imageManifest, dockerManifest].join(", ");
  assert.deepEqual(
    registry.requests.map(({ headers }) => headers.accept),
    [accept, accept],
  );
});

test("a parameter and the case of a media type mean nothing", async (t) => {
  const type = "Application/vnd.oci.image.manifest.v1+JSON; charset=utf-8";
  const registry = await startUpstream(t, (_, response) => send(response, { ...usual, "content-type": type }));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.equal((await client.getManifest("y", "1"))?.head.mediaType, mediaTypes.imageManifest);
});

for (const [title, headers, reason] of [
  ["a page for browsers", { "content-type": "text/html" }, /answers text\/html in place of a manifest/],
  ["no type", {}, /answers nothing that it names in place of a manifest/],
  [
    "a schema 1 manifest",
    { "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws" },
    /v1\+prettyjws/,
  ],
  [
    "another digest",
    { ...usual, "docker-content-digest": digestOf("other") },
    /a manifest that is not sha256:[0-9a-f]+, as/,
  ],
  ["a digest that is none", { ...usual, "docker-content-digest": "sha256:1" }, /answers a digest that is none/],
] as const) {
  test(`a manifest with ${title} is faulty`, async (t) => {
    const registry = await startUpstream(t, (_, response) => send(response, headers));
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    await assert.rejects(client.getManifest("y", "1"), fails("faulty", reason));
  });
}

test("a digest that is not told is computed, by the algorithm that was asked for", async (t) => {
  const registry = await startUpstream(t, (_, response) =>
    send(response, { "content-type": mediaTypes.imageManifest }),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.equal((await client.getManifest("y", "1"))?.head.digest, digest);
  const long = digestOf(manifest, "sha512");
  assert.equal((await client.getManifest("y", long))?.head.digest, long);
});

test("a HEAD that does not tell the digest or the size is followed by a GET", async (t) => {
  for (const headers of [{ "content-type": mediaTypes.imageManifest }, { ...usual, "transfer-encoding": "chunked" }]) {
    const registry = await startUpstream(t, ({ method }, response) => {
      if (method === "GET") send(response);
      else response.writeHead(200, headers).end();
    });
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    assert.deepEqual(await client.headManifest("y", "1"), {
      digest,
      mediaType: mediaTypes.imageManifest,
      size: manifest.length,
    });
    assert.deepEqual(registry.asked, ["HEAD /v2/y/manifests/1", "GET /v2/y/manifests/1"]);
  }
});

test("a manifest of more than 4 MiB is not read to its end", async (t) => {
  const registry = await startUpstream(t, (_, response) => send(response, usual, Buffer.alloc(4 * 1024 * 1024 + 1)));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  await assert.rejects(client.getManifest("y", "1"), fails("faulty", /a manifest of more than 4 MiB/));
});

test("404 is the registry's word that there is none, unless it is a page for browsers", async (t) => {
  const registry = await startUpstream(t, (_, response) => response.writeHead(404).end('{"errors":[]}'));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.equal(await client.getManifest("y", "1"), undefined);
  assert.equal(await client.headManifest("y", "1"), undefined);
  assert.equal(await client.headBlob("y", digest), undefined);
  assert.equal(await client.getBlob("y", digest, 0), undefined);
  assert.equal(await client.listTags("y"), undefined);
  const portal = await startUpstream(t, (_, response) =>
    response.writeHead(404, { "content-type": "text/html" }).end(),
  );
  const behind = openUpstreamClient(t, { baseUrl: portal.url });
  const html = fails("faulty", /answers 404 with a page for browsers/);
  await assert.rejects(behind.client.getManifest("y", "1"), html);
  await assert.rejects(behind.client.headManifest("y", "1"), html);
});

test("a repository that does not exist or is private is denied, in the registry's words", async (t) => {
  const registry = await startUpstream(t, ({ url }, response) => {
    if (url?.startsWith("/token")) return response.end('{"token":"t"}');
    const scope = 'scope="repository:y:pull",error="insufficient_scope"';
    response.writeHead(401, { "www-authenticate": `Bearer realm="${registry.url}/token",${scope}` });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  });
  const { client, pool } = openUpstreamClient(t, { baseUrl: registry.url, identities: [account("alice"), anonymous] });
  const reason = fails("denied", /^registry\.example denies this to anonymous: authentication required$/, {
    status: 401,
  });
  await assert.rejects(client.getManifest("y", "1"), reason);
  assert.deepEqual(pool.observed, []);
});

test("a manifest that breaks off, or is shorter than it was said to be, is asked for again", async (t) => {
  const registry = await startUpstream(t, (_, response, count) => {
    if (count > 1) return send(response);
    response.writeHead(200, { ...usual, "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.equal((await client.getManifest("y", "1"))?.head.digest, digest);
  assert.deepEqual(
    exchanges.map(({ status, bytes }) => [status, bytes]),
    [
      [200, 1],
      [200, 1],
      [200, manifest.length],
    ],
  );
});

test("a manifest that is longer than it was said to be is faulty", async (t) => {
  const registry = await startUpstream(t, ({ socket }) => {
    const head = Object.entries({ ...usual, "content-length": "5" }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 200 OK\r\n${head.join("")}\r\n${manifest}`);
  });
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  await assert.rejects(client.getManifest("y", "1"), fails("faulty", /answers a manifest that is not sha256:/));
});

test("a manifest whose rest never comes is given up", async (t) => {
  const registry = await startUpstream(t, (_, response) =>
    response.writeHead(200, { ...usual, "content-length": "100" }).write("{"),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url, silenceMilliseconds: 20 });
  await assert.rejects(client.getManifest("y", "1"), fails("unavailable", /silent for 0\.02 seconds/));
});

test("a manifest that trickles in is given up", async (t) => {
  const registry = await startUpstream(t, (_, response) => {
    response.writeHead(200, { ...usual, "content-length": "1000000" });
    const timer = setInterval(() => response.write("{"), 5);
    response.once("close", () => clearInterval(timer));
  });
  const { client } = openUpstreamClient(t, { baseUrl: registry.url, wholeMilliseconds: 30 });
  await assert.rejects(client.getManifest("y", "1"), fails("unavailable", /breaks off: not whole after 0\.03 seconds/));
});

test("a name that would lead elsewhere is asked for nothing", async (t) => {
  const registry = await startUpstream(t, (_, response) => send(response));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  for (const name of ["../admin", "a/../../b", "a?b", "a#b"]) {
    await assert.rejects(client.getManifest(name, "1"), /is no path of a registry$/);
  }
  assert.deepEqual(registry.asked, []);
});
