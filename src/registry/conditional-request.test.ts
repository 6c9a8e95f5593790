import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pushImage, type RegistryServer, startRegistryServer } from "../../test/fixtures/registry-server.ts";
import { digestOf } from "../oci/digest.ts";

describe("a conditional request", () => {
  let server: RegistryServer;
  let manifest: string;
  before(async () => {
    server = await startRegistryServer();
    manifest = await pushImage(server, "app", "v1");
  });
  after(() => server.close());

  const blob = digestOf("layer");
  const targets = () => [
    { path: "app/manifests/v1", digest: digestOf(manifest), text: manifest },
    { path: `app/blobs/${blob}`, digest: blob, text: "layer" },
  ];

  for (const condition of ["ETAG", '"other", W/ETAG', "*"]) {
    test(`If-None-Match: ${condition} is answered with 304 where the client has the content`, async () => {
      for (const { path, digest } of targets()) {
        for (const method of ["GET", "HEAD"]) {
          const headers = { "if-none-match": condition.replace("ETAG", `"${digest}"`) };
          const response = await server.request(path, { method, headers });
          assert.equal(response.status, 304);
          assert.equal(response.headers.get("etag"), `"${digest}"`);
          assert.equal(response.headers.get("docker-content-digest"), digest);
          assert.equal(await response.text(), "");
        }
      }
    });
  }

  test("If-None-Match of another content gives the content", async () => {
    for (const { path, text } of targets()) {
      const response = await server.request(path, { headers: { "if-none-match": '"other"' } });
      assert.equal(response.status, 200);
      assert.equal(await response.text(), text);
    }
  });

  test("If-Range asks for the whole of what has become something else", async () => {
    const get = (condition: string) =>
      server.request(`app/blobs/${blob}`, { headers: { range: "bytes=1-2", "if-range": condition } });
    assert.equal(await (await get(`"${blob}"`)).text(), "ay");
    assert.equal(await (await get('"other"')).text(), "layer");
  });
});
