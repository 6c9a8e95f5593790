// A registry on a little file system of its own, which is full now and then.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../src/oci/digest.ts";
import { errorCode, imageManifest, pushImage, putManifest, startRegistryServer } from "../fixtures/registry-server.ts";
import { fillDisk, mountSmallDisk } from "../fixtures/small-disk.ts";

const size = 4 * 1024 * 1024;

test("a registry whose disk is full says so with 507, keeps what it has, and goes on when there is room", async (t) => {
  const disk = mountSmallDisk(t, size);
  if (disk === undefined) return;
  const { directory } = disk;
  const server = await startRegistryServer({ directory });
  try {
    const before = await pushImage(server, "app", "before");
    const start = await server.request("app/blobs/uploads/", { method: "POST" });
    const location = server.origin + start.headers.get("location");
    assert.equal((await fetch(location, { method: "PATCH", body: "first, " })).status, 202);

    const tooLarge = await fetch(location, { method: "PATCH", body: Buffer.alloc(2 * size) });
    assert.equal(tooLarge.status, 507);
    assert.equal(await errorCode(tooLarge), "STORAGE_FULL");
    assert.equal((await fetch(location)).headers.get("range"), "0-6", "what was acknowledged stays");

    const makeRoom = fillDisk(directory);
    const refused = await putManifest(
      server,
      "app",
      "after",
      imageManifest("{}", "layer", { annotations: { a: "b" } }),
    );
    assert.equal(refused.status, 507);
    assert.equal((await server.request("app/manifests/after")).status, 404);
    assert.equal(await (await server.request("app/manifests/before")).text(), before);

    makeRoom();
    const digest = digestOf("first, second");
    assert.equal((await fetch(`${location}?digest=${digest}`, { method: "PUT", body: "second" })).status, 201);
    assert.equal(await (await server.request(`app/blobs/${digest}`)).text(), "first, second");
    assert.equal((await putManifest(server, "app", "after", before)).status, 201);
    assert.deepEqual(readdirSync(join(directory, "incoming")), []);
    assert.deepEqual(server.defects, []);
  } finally {
    await server.close();
  }
});
