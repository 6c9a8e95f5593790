import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pushBlob, pushImage, type RegistryServer, startRegistryServer } from "../../test/fixtures/registry-server.ts";
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
  const conditions: [condition: string, isNotModified: boolean][] = [
    ["ETAG", true],
    ['"other", W/ETAG', true],
    ["*", true],
    ['"other"', false],
  ];
  for (const method of ["GET", "HEAD"]) {
    for (const [condition, isNotModified] of conditions) {
      test(`${method} If-None-Match: ${condition} is ${isNotModified ? "" : "not "}answered with 304`, async () => {
        for (const path of ["app/manifests/v1", `app/blobs/${blob}`]) {
          const digest = path.includes("blobs") ? blob : digestOf(manifest);
          const headers = { "if-none-match": condition.replace("ETAG", `"${digest}"`) };
          const response = await server.request(path, { method, headers });
          assert.equal(response.status, isNotModified ? 304 : 200);
          assert.equal(response.headers.get("etag"), `"${digest}"`);
          assert.equal(response.headers.get("docker-content-digest"), digest);
          const whole = path.includes("blobs") ? "layer" : manifest;
          assert.equal(await response.text(), isNotModified || method === "HEAD" ? "" : whole);
        }
      });
    }
  }

  test("If-Range asks for the whole of what has become something else", async () => {
    const get = (condition: string) =>
      server.request(`app/blobs/${blob}`, { headers: { range: "bytes=1-2", "if-range": condition } });
    assert.equal(await (await get(`"${blob}"`)).text(), "ay");
    assert.equal(await (await get('"other"')).text(), "layer");
  });
});
