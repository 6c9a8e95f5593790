import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gatewaySettings } from "./gateway-settings.ts";

function writeConfig(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-gateway-settings-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "gateway.yml"), text);
  return directory;
}

test("without a word it listens on loopback alone and keeps its state where it is started", async () => {
  const { config, host, port, state } = await gatewaySettings({}, "/srv");
  assert.deepEqual([host, port, state, config.upstreams], ["127.0.0.1", 5000, "/srv/.chubo", []]);
});

test("file names of the file begin at the file, and those of the command line at its caller", async (t) => {
  const text = "state: data\nclients: { basic: people }\ntls: { certificate: a.pem, key: /etc/a.key }\n";
  const directory = writeConfig(t, text);
  const file = join(directory, "gateway.yml");
  const written = await gatewaySettings({ config: file }, "/srv");
  assert.equal(written.state, join(directory, "data"));
  assert.deepEqual(written.config.clients, { basic: join(directory, "people") });
  assert.deepEqual(written.config.tls, { certificate: join(directory, "a.pem"), key: "/etc/a.key" });
  assert.equal(
    (await gatewaySettings({ config: "gateway.yml", state: "own" }, directory)).state,
    join(directory, "own"),
  );
});

test("the command line goes before the file, and leaves what it does not name", async (t) => {
  const upstreams = "upstreams: { docker.io: { url: 'http://10.0.0.1', allow: [library/*] }, quay.io: { allow: [] } }";
  const directory = writeConfig(t, `listen: 10.0.0.2:5001\nspace: { maximum: 1GB, unusedFor: 1d }\n${upstreams}\n`);
  const flags = {
    config: "gateway.yml",
    listen: "[::1]:5002",
    maxSize: "2GB",
    upstream: ["docker.io=http://127.0.0.1:5100"],
  };
  const { config, host, port } = await gatewaySettings(flags, directory);
  assert.deepEqual([host, port], ["::1", 5002]);
  assert.deepEqual(config.space, { maximumBytes: 2e9, unusedFor: 24 * 3600 * 1000 });
  assert.deepEqual(config.upstreams, [
    { name: "docker.io", url: "http://127.0.0.1:5100", allow: ["library/*"] },
    { name: "quay.io", allow: [] },
  ]);
});

test("replicas are told where their bucket and their Redis are", async (t) => {
  const flags = { content: "s3://acme-images/gateway", ledger: "redis://127.0.0.1:6379" };
  const { config } = await gatewaySettings(flags, "/");
  assert.deepEqual({ content: config.content, ledger: config.ledger }, flags);
  const directory = writeConfig(t, "content: s3://acme-images\nredirectBlobs: true\n");
  assert.equal((await gatewaySettings({ config: "gateway.yml" }, directory)).config.redirectBlobs, true);
});

const faulty: [title: string, text: string, code: string][] = [
  ["a ledger without a bucket", "ledger: redis://127.0.0.1:6379", "CONFIG_REPLICAS"],
  ["redirects without a bucket", "redirectBlobs: true", "CONFIG_REPLICAS"],
  ["a content that is no bucket", "content: /var/lib/chubo", "CONFIG_CONTENT"],
  ["a ledger that is no Redis", "content: s3://acme-images\nledger: http://:hidden@127.0.0.1", "CONFIG_LEDGER"],
  ["pins in a bucket", "content: s3://acme-images\npins: [httpd]", "CONFIG_PINS"],
];
for (const [title, text, code] of faulty) {
  test(`${title} is refused`, async (t) => {
    const directory = writeConfig(t, `${text}\n`);
    await assert.rejects(gatewaySettings({ config: "gateway.yml" }, directory), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
  });
}
