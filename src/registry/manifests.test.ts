import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  errorCode,
  imageManifest,
  pushBlob,
  pushImage,
  putManifest,
  type RegistryServer,
  startRegistryServer,
} from "../../test/fixtures/registry-server.ts";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes } from "../oci/manifest.ts";

let server: RegistryServer;
before(async () => {
  server = await startRegistryServer();
});
after(() => server.close());

test("gives a manifest back byte for byte, by tag and by digest", async () => {
  const manifest = await pushImage(server, "team/app", "v1");
  for (const reference of ["v1", digestOf(manifest)]) {
    const response = await server.request(`team/app/manifests/${reference}`);
    assert.equal(response.headers.get("content-type"), mediaTypes.imageManifest);
    assert.equal(response.headers.get("docker-content-digest"), digestOf(manifest));
    assert.equal(await response.text(), manifest);
    const head = await server.request(`team/app/manifests/${reference}`, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), String(manifest.length));
  }
});

test("tells of each push with the size of config and layers", async () => {
  const manifest = await pushImage(server, "told", "v1", "twelve bytes");
  assert.deepEqual(server.pushes.at(-1), {
    repository: "told",
    tag: "v1",
    digest: digestOf(manifest),
    mediaType: mediaTypes.imageManifest,
    size: "{}".length + "twelve bytes".length,
  });
});

test("answers an unknown tag, digest and repository with MANIFEST_UNKNOWN", async () => {
  for (const path of ["told/manifests/none", `told/manifests/${digestOf("none")}`, "nowhere/manifests/v1"]) {
    const response = await server.request(path);
    assert.equal(response.status, 404);
    assert.equal(await errorCode(response), "MANIFEST_UNKNOWN");
  }
});

test("refuses a manifest whose blob is missing and names it", async () => {
  await pushBlob(server, "partial", "{}");
  const response = await putManifest(server, "partial", "v1", imageManifest("{}", "missing"));
  assert.equal(response.status, 400);
  assert.deepEqual(((await response.json()) as { errors: unknown[] }).errors[0], {
    code: "MANIFEST_BLOB_UNKNOWN",
    message: "manifest references a manifest or blob unknown to registry",
    detail: { digests: [digestOf("missing")] },
  });
});

test("takes a manifest whose missing layer is to be fetched from elsewhere", async () => {
  await pushBlob(server, "foreign", "{}");
  const layer = {
    mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    digest: digestOf("far"),
    size: 3,
  };
  const response = await putManifest(server, "foreign", "v1", imageManifest("{}", "", { layers: [layer] }));
  assert.equal(response.status, 201);
});

const faulty: [fault: string, body: string, contentType?: string][] = [
  ["no JSON", "{"],
  ["a list", "[]"],
  ["schema 1", '{"schemaVersion":1}'],
  ["no config", '{"schemaVersion":2,"layers":[]}'],
  ["a config without digest", '{"schemaVersion":2,"config":{"mediaType":"x","size":1},"layers":[]}'],
  [
    "a negative size",
    `{"schemaVersion":2,"config":{"mediaType":"x","size":-1,"digest":"${digestOf("")}"},"layers":[]}`,
  ],
  ["another media type than its Content-Type", imageManifest("{}", "layer"), mediaTypes.dockerManifest],
  ["a media type that is no manifest", '{"schemaVersion":2}', "text/plain"],
];
for (const [fault, body, contentType] of faulty) {
  test(`refuses a manifest with ${fault}`, async () => {
    const response = await putManifest(server, "faulty", "v1", body, contentType);
    assert.equal(response.status, 400);
    assert.equal(await errorCode(response), "MANIFEST_INVALID");
  });
}

test("says what to do with a schema 1 manifest", async () => {
  const response = await putManifest(server, "faulty", "v1", '{"schemaVersion":1}', "application/json");
  assert.match(await response.text(), /schema 1 is not supported: push it with a client that writes schema 2 or OCI/);
});

test("refuses a manifest under another digest than its own, and a malformed digest", async () => {
  for (const reference of [digestOf("other"), "sha256:123"]) {
    const response = await putManifest(server, "faulty", reference, imageManifest("{}", "layer"));
    assert.equal(response.status, 400);
    assert.equal(await errorCode(response), "DIGEST_INVALID");
  }
});

test("refuses a manifest of more than 4 MiB", async () => {
  const response = await putManifest(server, "faulty", "v1", " ".repeat(4 * 1024 * 1024 + 1));
  assert.equal(response.status, 413);
  assert.equal(await errorCode(response), "SIZE_INVALID");
});

test("takes an image index once its manifests are there; its size is that of the largest", async () => {
  const small = await pushImage(server, "multi", "small", "1");
  const large = await pushImage(server, "multi", "large", "22222");
  const index = (digests: string[]) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.imageIndex,
      manifests: digests.map((digest) => ({ mediaType: mediaTypes.imageManifest, digest, size: 1 })),
    });
  const missing = await putManifest(server, "multi", "all", index([digestOf("none")]), mediaTypes.imageIndex);
  assert.equal(await errorCode(missing), "MANIFEST_BLOB_UNKNOWN");
  const body = index([digestOf(small), digestOf(large)]);
  assert.equal((await putManifest(server, "multi", "all", body, mediaTypes.imageIndex)).status, 201);
  assert.equal(server.pushes.at(-1)?.size, 7);
  const pulled = await server.request("multi/manifests/all");
  assert.equal(pulled.headers.get("content-type"), mediaTypes.imageIndex);
});

test("takes a manifest under its sha512 digest", async () => {
  await pushImage(server, "long", "v1");
  const manifest = imageManifest("{}", "layer");
  const digest = digestOf(manifest, "sha512");
  assert.equal((await putManifest(server, "long", digest, manifest)).status, 201);
  assert.equal(await (await server.request(`long/manifests/${digest}`)).text(), manifest);
});

test("lists tags in pages", async () => {
  const manifest = await pushImage(server, "paged", "b");
  for (const tag of ["a", "c", "B"]) await putManifest(server, "paged", tag, manifest);
  const page = async (path: string) => {
    const response = await server.request(path);
    const { tags } = (await response.json()) as { tags: string[] };
    return { tags, link: response.headers.get("link") };
  };
  assert.deepEqual((await page("paged/tags/list")).tags, ["B", "a", "b", "c"]);
  const first = await page("paged/tags/list?n=2");
  assert.deepEqual(first, { tags: ["B", "a"], link: '</v2/paged/tags/list?n=2&last=a>; rel="next"' });
  assert.deepEqual(await page("paged/tags/list?n=2&last=a"), { tags: ["b", "c"], link: null });
  assert.equal(await errorCode(await server.request("paged/tags/list?n=-1")), "PAGINATION_NUMBER_INVALID");
});

test("deletes a tag alone, and a digest with its tags and the blobs that nobody else uses", async () => {
  const one = await pushImage(server, "gone", "one", "layer of one");
  await pushImage(server, "gone", "two", "layer of two");
  await putManifest(server, "gone", "other-name", one);
  assert.equal((await server.request("gone/manifests/other-name", { method: "DELETE" })).status, 202);
  assert.equal((await server.request("gone/manifests/one")).status, 200);
  assert.equal((await server.request(`gone/manifests/${digestOf(one)}`, { method: "DELETE" })).status, 202);
  assert.equal((await server.request("gone/manifests/one")).status, 404);
  assert.equal((await server.request(`gone/blobs/${digestOf("layer of one")}`)).status, 404);
  assert.equal((await server.request(`gone/blobs/${digestOf("{}")}`)).status, 200);
  await setImmediate();
  assert.equal(await server.content.size(digestOf("layer of one")), undefined);
  assert.equal((await server.request(`gone/manifests/${digestOf(one)}`, { method: "DELETE" })).status, 404);
});

test("lists referrers of a manifest, filtered by artifact type", async () => {
  const subject = await pushImage(server, "signed", "v1");
  const descriptor = { mediaType: mediaTypes.imageManifest, digest: digestOf(subject), size: subject.length };
  const signature = imageManifest("{}", "layer", {
    subject: descriptor,
    artifactType: "a/signature",
    annotations: { by: "me" },
  });
  const response = await putManifest(server, "signed", digestOf(signature), signature);
  assert.equal(response.headers.get("oci-subject"), digestOf(subject));
  const list = async (query: string) => {
    const answer = await server.request(`signed/referrers/${digestOf(subject)}${query}`);
    const { manifests } = (await answer.json()) as { manifests: unknown[] };
    return { manifests, filters: answer.headers.get("oci-filters-applied"), type: answer.headers.get("content-type") };
  };
  const expected = {
    mediaType: mediaTypes.imageManifest,
    digest: digestOf(signature),
    size: signature.length,
    artifactType: "a/signature",
    annotations: { by: "me" },
  };
  assert.deepEqual(await list(""), { manifests: [expected], filters: null, type: mediaTypes.imageIndex });
  assert.deepEqual((await list("?artifactType=a/signature")).manifests, [expected]);
  assert.deepEqual(await list("?artifactType=a/sbom"), {
    manifests: [],
    filters: "artifactType",
    type: mediaTypes.imageIndex,
  });
  assert.equal((await server.request(`signed/manifests/${digestOf(signature)}`, { method: "DELETE" })).status, 202);
  assert.deepEqual((await list("")).manifests, []);
});

test("lists what an older client keeps in an index under the subject's tag once, and nothing that says no subject", async () => {
  const subject = await pushImage(server, "older", "v1");
  const unrelated = await pushImage(server, "older", "v2", "other layer");
  const descriptor = (body: string) => ({
    ...{ mediaType: mediaTypes.imageManifest, digest: digestOf(body), size: body.length },
  });
  const signature = imageManifest("{}", "layer", { subject: descriptor(subject), artifactType: "a/signature" });
  await putManifest(server, "older", digestOf(signature), signature);
  const index = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: mediaTypes.imageIndex },
    manifests: [descriptor(signature), descriptor(unrelated)],
  });
  const tag = digestOf(subject).replace(":", "-");
  assert.equal((await putManifest(server, "older", tag, index, mediaTypes.imageIndex)).status, 201);
  const answer = await server.request(`older/referrers/${digestOf(subject)}`);
  const { manifests } = (await answer.json()) as { manifests: unknown[] };
  assert.deepEqual(manifests, [{ ...descriptor(signature), artifactType: "a/signature" }]);
});
