import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { openGatewayTest, sendThroughProxy } from "../../test/fixtures/gateway-server.ts";
import { startUpstream } from "../../test/fixtures/upstream-bench.ts";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes } from "../oci/manifest.ts";
import { mintAuthority, mintLeaf } from "./mint-certificate.ts";

const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
const httpd = "/v2/docker.io/library/httpd/manifests/2.4";

describe("the gateway server", () => {
  test("serves an image by prefix, by namespace and as a mirror, for one pull", async (t) => {
    const gateway = await openGatewayTest(t);
    const paths = [
      httpd,
      "/v2/library/httpd/manifests/2.4?ns=docker.io",
      "/v2/library/httpd/manifests/2.4",
      "/v2/httpd/manifests/2.4",
    ];
    const answers = [];
    for (const path of paths) answers.push(await gateway.send(path));
    assert.deepEqual([...new Set(answers.map(({ status, body }) => `${status} ${body}`))].length, 1);
    assert.equal(answers[0]?.status, 200);
    const gets = gateway.hub
      .requests()
      .filter(({ method, path, status }) => method === "GET" && path.includes("/manifests/") && status === 200);
    assert.equal(gets.length, 1);
    assert.deepEqual([...new Set(gateway.requests.map(({ repository }) => repository))], ["docker.io/library/httpd"]);
    assert.deepEqual(
      gateway.requests.map(({ outcome }) => outcome),
      ["miss", "hit", "hit", "hit"],
    );
  });

  test("answers HEAD as it answers GET, without the body", async (t) => {
    const gateway = await openGatewayTest(t);
    for (const path of [
      httpd,
      httpd,
      "/v2/docker.io/library/httpd/tags/list",
      "/v2/docker.io/library/nosuch/manifests/1",
      "/v2/quay.example/a/b/manifests/1",
    ]) {
      const [got, head] = [await gateway.send(path), await gateway.send(path, { method: "HEAD" })];
      assert.equal(head.status, got.status, path);
      assert.equal(head.headers["docker-content-digest"], got.headers["docker-content-digest"]);
      if (got.status === 200) assert.equal(head.headers["content-length"], String(got.body.length));
      assert.equal(head.body.length, 0);
    }
  });

  test("tells a limit as Docker's error with Retry-After, and never that an image does not exist", async (t) => {
    const gateway = await openGatewayTest(t, { hub: { remaining: 0 } });
    const refused = await gateway.send("/v2/chubo/big/manifests/200mb");
    assert.deepEqual([refused.status, refused.code], [429, "TOOMANYREQUESTS"]);
    assert.ok(Number(refused.headers["retry-after"]) > 0);
    assert.match(refused.body.toString(), /You have reached your pull rate limit/);
    await gateway.hub.stop();
    const unreachable = await gateway.send("/v2/library/nginx/manifests/latest");
    assert.deepEqual([unreachable.status, unreachable.code], [503, "UNAVAILABLE"]);
  });

  test("lists referrers of an upstream that has only their tag", async (t) => {
    const subject = digestOf("subject");
    const referrer = {
      mediaType: mediaTypes.imageManifest,
      digest: digestOf("signature"),
      size: 9,
      artifactType: "x/y",
    };
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: [referrer] });
    const { url } = await startUpstream(t, (request, response) => {
      if (request.url !== `/v2/acme/app/manifests/${subject.replace(":", "-")}`) return response.writeHead(404).end();
      const headers = { "content-type": mediaTypes.imageIndex, "content-length": index.length };
      response.writeHead(200, headers).end(request.method === "HEAD" ? "" : index);
    });
    const gateway = await openGatewayTest(t, { config: { upstreams: [{ name: "registry.example", url }] } });
    const list = async (path: string) =>
      JSON.parse((await gateway.send(`/v2/registry.example/acme/${path}`)).body.toString()).manifests;
    assert.deepEqual(await list(`app/referrers/${subject}`), [referrer]);
    assert.deepEqual(await list(`app/referrers/${subject}?artifactType=x/z`), []);
    assert.deepEqual(await list(`other/referrers/${subject}`), []);
  });

  test("is no open relay: what is not configured is denied, before anything leaves", async (t) => {
    const upstreams = [{ name: "ghcr.io", url: "http://127.0.0.1:9", allow: ["acme/*"] }];
    const gateway = await openGatewayTest(t, { config: { upstreams } });
    for (const path of [
      "/v2/registry.example/a/b",
      "/v2/169.254.169.254/a/b",
      "/v2/ghcr.io/other/app",
      "/v2/localhost/a/b",
    ]) {
      const answer = await gateway.send(`${path}/manifests/latest`);
      assert.deepEqual([answer.status, answer.code], [403, "DENIED"], path);
    }
    for (const ns of ["127.0.0.1:22", "[::1]:80", "metadata.internal"]) {
      const answer = await gateway.send(`/v2/a/b/manifests/latest?ns=${encodeURIComponent(ns)}`);
      assert.deepEqual([answer.status, answer.code], [403, "DENIED"], ns);
    }
    assert.equal((await gateway.send("/v2/ghcr.io/acme/app/manifests/latest")).status, 503);
  });

  test("refuses hostile names and namespaces as such", async (t) => {
    const gateway = await openGatewayTest(t);
    const long = "a".repeat(300);
    const names = ["..%2f..%2fetc", "A/B", "a//b", "%00", "a%0d%0ab", long, "docker.io/..", "%"];
    for (const name of names) {
      const { status } = await gateway.send(`/v2/${name}/manifests/latest`);
      assert.ok(status === 400 || status === 405, `${name}: ${status}`);
    }
    for (const ns of ["a/b", "acme", "docker.io/x", "../..", "a b", "user@docker.io", "docker.io#", long]) {
      const answer = await gateway.send(`/v2/library/httpd/manifests/2.4?ns=${encodeURIComponent(ns)}`);
      assert.deepEqual([answer.status, answer.code], [400, "NAME_INVALID"], ns);
    }
    for (const reference of ["sha256:abc", ".x", "a".repeat(129)]) {
      assert.equal((await gateway.send(`/v2/library/httpd/manifests/${reference}`)).status, 400, reference);
    }
    assert.equal((await gateway.send("/v2/library/httpd/blobs/sha256:..")).status, 400);
    assert.equal((await gateway.send("/v2/library/httpd/blobs/uploads/", { method: "POST" })).status, 405);
    assert.deepEqual(gateway.defects, []);
    assert.equal(gateway.hub.requests().length, 0);
  });

  test("refuses headers beyond 64 KiB, and goes on", async (t) => {
    const gateway = await openGatewayTest(t);
    const { status } = await gateway.send("/v2/", { headers: { "x-large": "a".repeat(100_000) } });
    assert.equal(status, 431);
    assert.equal((await gateway.send("/v2/")).status, 200);
  });

  test("bears a client that hangs up in the middle of a blob, and tells it in the log", async (t) => {
    const gateway = await openGatewayTest(t);
    const get = async (name: string) =>
      JSON.parse((await gateway.send(`/v2/chubo/big/manifests/${name}`)).body.toString());
    const manifest = await get((await get("200mb")).manifests[0].digest);
    const path = `/v2/chubo/big/blobs/${manifest.layers[0].digest}`;
    const socket = connect(gateway.server.port.port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`);
    await once(socket, "data");
    const told = Promise.withResolvers<void>();
    const wait = setInterval(() => gateway.requests.some(({ complete }) => !complete) && told.resolve(), 5);
    socket.destroy();
    await told.promise;
    clearInterval(wait);
    const whole = await gateway.send(path);
    assert.deepEqual([whole.status, digestOf(whole.body)], [200, manifest.layers[0].digest]);
    assert.deepEqual(gateway.defects, []);
  });

  test("tells its health and its figures, and 404 for nothing but paths that do not exist", async (t) => {
    const gateway = await openGatewayTest(t);
    await gateway.send(httpd);
    assert.equal((await gateway.send("/healthz")).body.toString(), '{"status":"ok"}\n');
    const metrics = (await gateway.send("/metrics")).body.toString();
    assert.match(metrics, /^chubo_pulls_total\{upstream="docker\.io",kind="manifest",outcome="miss"\} 1$/m);
    assert.match(metrics, /^chubo_sent_bytes_total\{upstream="docker\.io"\} [1-9]\d+$/m);
    assert.match(metrics, /^chubo_pulls_in_flight 0$/m);
    assert.equal((await gateway.send("/nosuch")).status, 404);
    assert.equal((await gateway.send("/metrics", { method: "POST" })).status, 405);
  });

  test("fetches images ahead for its owner alone, and pins them", async (t) => {
    const gateway = await openGatewayTest(t);
    const post = { method: "POST", headers: { authorization: "Bearer guess" } };
    assert.equal((await gateway.send("/_chubo/gateway/prefetch", post)).status, 403);
    const report = await gateway.server.prefetch("httpd:2.4", { pin: true });
    assert.ok(!("error" in report), JSON.stringify(report));
    assert.ok(report.fetchedBytes > 0 && report.fetchedBytes === report.bytes);
    gateway.hub.setRemaining(0);
    const again = await gateway.server.prefetch("httpd:2.4", {});
    assert.equal("error" in again ? again.error : again.fetchedBytes, 0);
    const missing = await gateway.server.prefetch("chubo/big:200mb", {});
    assert.match("error" in missing ? missing.error : "", /pull rate limit/);
    const none = await gateway.server.prefetch("a b", { pin: true });
    assert.match("error" in none ? none.error : "", /invalid/);
    const other = await gateway.server.prefetch("httpd:2.4", { platforms: ["plan9/mips"] });
    assert.match("error" in other ? other.error : "", /no image for plan9\/mips/);
  });

  test("is one for a state directory", async (t) => {
    const { state } = await openGatewayTest(t);
    const { openGatewayEngine } = await import("./gateway-server.ts");
    const observer = { onBudget() {}, onLoginRefused() {}, onNote() {}, onDefect() {} };
    const config = { upstreams: [], clients: {}, space: {}, pins: [] };
    const second = openGatewayEngine({ config, state, directory: "/", variables: {}, observer });
    await assert.rejects(second, { code: "CONFIG_STATE_BUSY" });
  });
});

describe("clients of the gateway", () => {
  test("log in with a password or a token, for pulls and metrics but not for health", async (t) => {
    const gateway = await openGuarded(t);
    for (const path of ["/v2/", httpd, "/metrics"]) {
      const refused = await gateway.send(path);
      assert.equal(refused.status, 401);
      assert.match(refused.headers["www-authenticate"] ?? "", /^Basic realm=/);
      const wrong = ["alice:wrong", "bob:correct-horse", "alice:", "token-1:", "alice:correct-horse:"];
      for (const pair of wrong) assert.equal((await gateway.send(path, { headers: basic(pair) })).status, 401, pair);
      const bearer = { authorization: "Bearer token-1" };
      for (const headers of [basic("alice:correct-horse"), basic("anyone:token-1"), bearer]) {
        assert.equal((await gateway.send(path, { headers })).status, 200);
      }
    }
    assert.equal((await gateway.send("/healthz")).status, 200);
  });

  test("log in to the proxy as one, and then need no login at the registries", async (t) => {
    const gateway = await openGuarded(t);
    const target = "registry-1.docker.io:443";
    const refused = await gateway.sendConnect(target);
    assert.match(refused, /^HTTP\/1\.1 407 .*\r\nProxy-Authenticate: Basic/);
    const { authorization } = basic("alice:correct-horse");
    assert.match(await gateway.sendConnect(target, [`Proxy-Authorization: ${authorization}`]), /^HTTP\/1\.1 200 /);
    assert.equal((await gateway.send("http://example.com/")).status, 407);
    const path = "/v2/library/httpd/manifests/2.4";
    const headers = [`Proxy-Authorization: ${authorization}`];
    const served = await sendThroughProxy(gateway.server.port.port, "registry-1.docker.io", path, headers);
    assert.match(served, /^HTTP\/1\.1 200 OK\r\n[\s\S]*"schemaVersion":2/);
    assert.match(await sendThroughProxy(gateway.server.port.port, "ghcr.io", "/v2/", headers), /^HTTP\/1\.1 200 /);
  });

  test("reach nothing but registries through the proxy of an address that others reach", async (t) => {
    const gateway = await openGatewayTest(t, { host: "0.0.0.0" });
    for (const target of ["127.0.0.1:22", "auth.docker.io:443", "registry-1.docker.io:80", "169.254.169.254:80"]) {
      assert.match(await gateway.sendConnect(target), /^HTTP\/1\.1 403 [\s\S]*not served here/, target);
    }
    assert.match(await gateway.sendConnect("registry-1.docker.io:443"), /^HTTP\/1\.1 200 /);
    assert.equal((await gateway.send("http://169.254.169.254/latest/meta-data")).status, 403);
  });

  test("are served with TLS by the owner's certificate", async (t) => {
    const now = new Date();
    const authority = await mintAuthority(now);
    const leaf = await mintLeaf("gateway.example", authority, now);
    const file = writeFiles(t, { pem: leaf.certificate, key: leaf.privateKey });
    const gateway = await openGatewayTest(t, { config: { tls: { certificate: file("pem"), key: file("key") } } });
    assert.match(gateway.server.port.url, /^https:/);
    const swapped = { certificate: file("key"), key: file("pem") };
    await assert.rejects(openGatewayTest(t, { config: { tls: swapped } }), { code: "CONFIG_TLS" });
    assert.equal((await gateway.send(httpd)).status, 200);
  });
});

/** Files of clients, or of a certificate, that are gone after the test. */
function writeFiles(t: TestContext, texts: Record<string, string>): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-gateway-files-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
  return (name) => join(directory, name);
}

function openGuarded(t: TestContext) {
  const file = writeFiles(t, { clients: "# people\nalice:correct-horse\n", tokens: "# CI\ntoken-1\n" });
  return openGatewayTest(t, { config: { clients: { basic: file("clients"), bearer: file("tokens") } } });
}
