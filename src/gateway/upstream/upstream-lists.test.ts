import assert from "node:assert/strict";
import { test } from "node:test";
import { fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";

const all = ["a", "b", "c", "d", "e"];
const subject = digestOf("subject");
const descriptor = { mediaType: mediaTypes.imageManifest, digest: digestOf("signature"), size: 9, artifactType: "x/y" };
const index = JSON.stringify({ schemaVersion: 2, manifests: [descriptor, { digest: "none" }, null] });

/** Pages of `n`, of two where no `n` is asked for. */
function startPaging(t: Parameters<typeof startUpstream>[0]) {
  return startUpstream(t, ({ url }, response) => {
    const query = new URL(url ?? "/", "http://registry").searchParams;
    const from = all.indexOf(query.get("last") ?? "") + 1;
    const to = from + Number(query.get("n") ?? 2);
    const link = `</v2/y/tags/list?n=${to - from}&last=${all[to - 1]}>; rel="next"`;
    response.writeHead(200, to < all.length ? { link } : {});
    response.end(JSON.stringify({ name: "y", tags: all.slice(from, to) }));
  });
}

test("all tags are listed over all pages", async (t) => {
  const { client } = openUpstreamClient(t, { baseUrl: (await startPaging(t)).url });
  assert.deepEqual(await client.listTags("y"), { tags: all, isTruncated: false });
  assert.deepEqual(await client.listTags("y", { last: "b" }), { tags: ["c", "d", "e"], isTruncated: false });
});

test("one page of tags is one request, and tells whether there are more", async (t) => {
  const registry = await startPaging(t);
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.deepEqual(await client.listTags("y", { limit: 3 }), { tags: ["a", "b", "c"], isTruncated: true });
  assert.deepEqual(await client.listTags("y", { limit: 3, last: "c" }), { tags: ["d", "e"], isTruncated: false });
  assert.deepEqual(registry.asked, ["GET /v2/y/tags/list?n=3", "GET /v2/y/tags/list?n=3&last=c"]);
});

test("a registry that knows no pages is paged here", async (t) => {
  const registry = await startUpstream(t, (_, response) => response.end(JSON.stringify({ tags: all })));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.deepEqual(await client.listTags("y", { limit: 2, last: "b" }), { tags: ["c", "d"], isTruncated: true });
  assert.deepEqual(await client.listTags("y", { limit: 2, last: "d" }), { tags: ["e"], isTruncated: false });
});

test("no tags may be said as null", async (t) => {
  const registry = await startUpstream(t, (_, response) => response.end('{"name":"y","tags":null}'));
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.deepEqual(await client.listTags("y"), { tags: [], isTruncated: false });
});

for (const [title, headers, body, reason] of [
  ["a page for browsers", {}, "<html>", /answers a list that is no JSON object/],
  ["tags that are none", {}, '{"tags":[1]}', /answers a list of tags that is none/],
  ["a next page that is the same", { link: '</v2/y/tags/list>; rel="next"' }, '{"tags":[]}', /that never ends/],
  ["a next page elsewhere", { link: '</admin>; rel="next"' }, '{"tags":[]}', /where no registry is/],
] as const) {
  test(`a list with ${title} is faulty`, async (t) => {
    const registry = await startUpstream(t, (_, response) => response.writeHead(200, headers).end(body));
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    await assert.rejects(client.listTags("y"), fails("faulty", reason));
  });
}

test("referrers are listed by their API, and what is no descriptor is left out", async (t) => {
  const registry = await startUpstream(t, (_, response, count) =>
    response.writeHead(200, count === 0 ? { link: `<?page=2>; rel=next` } : {}).end(index),
  );
  const { client, exchanges } = openUpstreamClient(t, { baseUrl: registry.url });
  assert.deepEqual(await client.listReferrers("y", subject), [descriptor, descriptor]);
  assert.deepEqual(registry.asked, [`GET /v2/y/referrers/${subject}`, `GET /v2/y/referrers/${subject}?page=2`]);
  assert.deepEqual(
    exchanges.map(({ kind, reference }) => [kind, reference]),
    Array(2).fill(["referrers", subject]),
  );
});

for (const page of ["text/plain", "text/html"])
  test(`referrers are found by their tag at a registry without that API, which says so in ${page}`, async (t) => {
    const registry = await startUpstream(t, ({ url, method }, response) => {
      if (url?.includes("/referrers/"))
        return response.writeHead(404, { "content-type": page }).end("404 page not found");
      if (url !== `/v2/y/manifests/${subject.replace(":", "-")}`) return response.writeHead(404).end();
      const headers = { "content-type": mediaTypes.imageIndex, "docker-content-digest": digestOf(index) };
      response.writeHead(200, { ...headers, "content-length": index.length }).end(method === "HEAD" ? "" : index);
    });
    const { client } = openUpstreamClient(t, { baseUrl: registry.url });
    assert.deepEqual(await client.listReferrers("y", subject), [descriptor]);
    assert.deepEqual(await client.listReferrers("z", subject), []);
    const long = digestOf("subject", "sha512");
    assert.deepEqual(await client.listReferrers("y", long), []);
    assert.equal(registry.asked.at(-1), `HEAD /v2/y/manifests/sha512-${long.slice(7, 71)}`);
  });

test("pages for browsers are no list of referrers, and not the word that there are none", async (t) => {
  const registry = await startUpstream(t, (_, response) =>
    response.writeHead(404, { "content-type": "text/html" }).end("<html>"),
  );
  const { client } = openUpstreamClient(t, { baseUrl: registry.url });
  await assert.rejects(client.listReferrers("y", subject), fails("faulty", /a page for browsers/));
});
