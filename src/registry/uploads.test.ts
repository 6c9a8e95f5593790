import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { errorCode, pushBlob, type RegistryServer, startRegistryServer } from "../../test/fixtures/registry-server.ts";
import { digestOf } from "../oci/digest.ts";

let server: RegistryServer;
before(async () => {
  server = await startRegistryServer();
});
after(() => server.close());

const body = "0123456789";
const digest = digestOf(body);

async function startUpload(repository = "app"): Promise<string> {
  const response = await server.request(`${repository}/blobs/uploads/`, { method: "POST" });
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("range"), "0-0");
  return `${server.origin}${response.headers.get("location")}`;
}

function patch(location: string, chunk: string, range?: string): Promise<Response> {
  const headers: Record<string, string> = range === undefined ? {} : { "content-range": range };
  return fetch(location, { method: "PATCH", body: chunk, headers });
}

test("takes a blob whole and gives it back", async () => {
  await pushBlob(server, "whole/app", body);
  const head = await server.request(`whole/app/blobs/${digest}`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), "10");
  const pulled = await server.request(`whole/app/blobs/${digest}`);
  assert.equal(pulled.headers.get("docker-content-digest"), digest);
  assert.equal(await pulled.text(), body);
});

test("takes a blob in a single POST", async () => {
  const response = await server.request(`single/blobs/uploads/?digest=${digest}`, { method: "POST", body });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("location"), `/v2/single/blobs/${digest}`);
});

test("takes a blob in chunks, tells what it has, and refuses a chunk out of order", async () => {
  const location = await startUpload("chunks");
  const first = await patch(location, body.slice(0, 4), "0-3");
  assert.equal(first.status, 202);
  assert.equal(first.headers.get("range"), "0-3");
  const wrong = await patch(location, body.slice(6), "6-9");
  assert.equal(wrong.status, 416);
  assert.equal(wrong.headers.get("range"), "0-3");
  assert.equal(server.origin + wrong.headers.get("location"), location);
  const status = await fetch(location);
  assert.equal(status.status, 204);
  assert.equal(status.headers.get("range"), "0-3");
  const last = await fetch(`${location}?digest=${digest}`, {
    method: "PUT",
    body: body.slice(4),
    headers: { "content-range": "4-9" },
  });
  assert.equal(last.status, 201);
  assert.equal(await (await server.request(`chunks/blobs/${digest}`)).text(), body);
});

test("refuses a chunk whose Content-Range does not match its length", async () => {
  assert.equal((await patch(await startUpload(), "abc", "0-9")).status, 416);
  assert.equal((await patch(await startUpload(), "abc", "nonsense")).status, 416);
});

test("goes on with an upload whose connection was lost in the middle of a chunk", async () => {
  const location = new URL(await startUpload("lost"));
  const socket = createConnection({ host: location.hostname, port: Number(location.port) });
  socket.write(`PATCH ${location.pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n0123`);
  const received = async () => (await fetch(location)).headers.get("range");
  while ((await received()) !== "0-3") await setTimeout(5);
  socket.destroy();
  let response: Response;
  do response = await patch(String(location), body.slice(4), "4-9");
  while (response.status === 400 && (await setTimeout(5, true)));
  assert.equal(response.status, 202);
  assert.equal((await fetch(`${location}?digest=${digest}`, { method: "PUT" })).status, 201);
  assert.deepEqual(server.defects, []);
});

test("refuses a blob with another digest than the client says, and keeps nothing of it", async () => {
  const location = await startUpload("bad");
  const response = await fetch(`${location}?digest=${digest}`, { method: "PUT", body: "something else" });
  assert.equal(response.status, 400);
  assert.equal(await errorCode(response), "DIGEST_INVALID");
  assert.equal((await server.request(`bad/blobs/${digestOf("something else")}`)).status, 404);
});

test("refuses a digest that is none, and a missing one", async () => {
  assert.equal((await fetch(`${await startUpload()}?digest=sha256:x`, { method: "PUT", body })).status, 400);
  assert.equal((await fetch(await startUpload(), { method: "PUT", body })).status, 400);
});

test("leaves no session behind a single POST that fails", async () => {
  const post = (wanted: string) => server.request(`single/blobs/uploads/?digest=${wanted}`, { method: "POST", body });
  const before = server.incoming();
  assert.equal((await post(digestOf("other"))).status, 400);
  assert.equal((await post("sha256:x")).status, 400);
  assert.equal((await post("md5:0123")).status, 400);
  assert.deepEqual(server.incoming(), before);
});

test("keeps a blob under sha512", async () => {
  const sha512 = digestOf(body, "sha512");
  const location = await startUpload("long");
  assert.equal((await fetch(`${location}?digest=${sha512}`, { method: "PUT", body })).status, 201);
  const pulled = await server.request(`long/blobs/${sha512}`);
  assert.equal(pulled.headers.get("docker-content-digest"), sha512);
  assert.equal(await pulled.text(), body);
});

test("forgets a cancelled upload", async () => {
  const location = await startUpload("cancel");
  assert.equal((await fetch(location, { method: "DELETE" })).status, 204);
  const response = await patch(location, body);
  assert.equal(response.status, 404);
  assert.equal(await errorCode(response), "BLOB_UPLOAD_UNKNOWN");
});

test("finds an upload session only in its own repository", async () => {
  const location = await startUpload("mine");
  assert.equal((await fetch(location.replace("/mine/", "/yours/"))).status, 404);
});

test("a blob belongs to the repositories that it was pushed to or mounted into", async () => {
  await pushBlob(server, "source", "mounted");
  const mounted = digestOf("mounted");
  assert.equal((await server.request(`target/blobs/${mounted}`)).status, 404);
  const mount = (from: string) =>
    server.request(`target/blobs/uploads/?mount=${mounted}&from=${from}`, { method: "POST" });
  assert.equal((await mount("elsewhere")).status, 202);
  assert.equal((await mount("source")).status, 201);
  assert.equal(await (await server.request(`target/blobs/${mounted}`)).text(), "mounted");
  assert.equal((await server.request(`source/blobs/${mounted}`, { method: "DELETE" })).status, 202);
  assert.equal((await server.request(`source/blobs/${mounted}`)).status, 404);
  assert.equal((await server.request(`target/blobs/${mounted}`)).status, 200);
});

const ranges: [header: string, status: number, text: string, contentRange: string | null][] = [
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=5-500", 206, "56789", "bytes 5-9/10"],
  ["bytes=5-0", 416, "", "bytes */10"],
  ["bytes=50-60", 416, "", "bytes */10"],
  ["lines=1-2", 200, body, null],
];
for (const [header, status, text, contentRange] of ranges) {
  test(`answers Range ${header} of ten bytes with ${status}`, async () => {
    await pushBlob(server, "ranges", body);
    const response = await server.request(`ranges/blobs/${digest}`, { headers: { range: header } });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-range"), contentRange);
    if (status !== 416) assert.equal(await response.text(), text);
  });
}

test("keeps an empty blob", async () => {
  await pushBlob(server, "empty", "");
  const response = await server.request(`empty/blobs/${digestOf("")}`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});
