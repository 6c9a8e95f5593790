// `chubo gateway` as a command: its words, its log, prefetch with and without a gateway that runs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../src/oci/digest.ts";
import { type ChuboGateway, runProgram, startChuboGateway } from "../fixtures/chubo-gateway.ts";
import { until } from "../fixtures/until.ts";

const program = join(import.meta.dirname, "..", "..", "bin", "chubo.js");

function chubo(words: readonly string[], cwd?: string) {
  return runProgram(process.execPath, [program, ...words], cwd === undefined ? {} : { cwd });
}

function prefetch(gateway: ChuboGateway, ...words: string[]) {
  const upstreams = ["docker.io", "public.ecr.aws"].flatMap((name) => ["--upstream", `${name}=${gateway.hub.url}`]);
  return chubo(["gateway", "prefetch", "--state", join(gateway.directory, "state"), ...upstreams, ...words]);
}

test("prefetch orders images of the gateway that runs, and of the state directory where none does", async (t) => {
  const gateway = await startChuboGateway(t);
  const running = await prefetch(gateway, "--pin", "httpd:2.4", "nosuch/image:1");
  assert.equal(running.code, 1, running.stderr);
  assert.match(running.stdout, /^✓ docker\.io\/library\/httpd:2\.4 {2}sha256:\w+ .*MB fetched$/m);
  assert.match(running.stdout, /^✗ nosuch\/image:1: /m);
  const fetched = gateway.hub.requests().filter(({ path }) => path.includes("httpd")).length;
  assert.ok(fetched > 0);
  assert.equal(await gateway.stop(), 130);
  gateway.hub.setRemaining(0);
  const stored = await prefetch(gateway, "httpd:2.4");
  assert.equal(stored.code, 0, stored.stdout);
  assert.match(stored.stdout, /of which 0\.0 MB fetched/);
  assert.equal(gateway.hub.requests().filter(({ path }) => path.includes("httpd")).length, fetched);
});

test("pins of the configuration are fetched at the start, and what cannot be is noted", async (t) => {
  const gateway = await startChuboGateway(t, { config: "pins: [busybox, nosuch/image]\n" });
  const note = await waitFor(gateway, "note");
  assert.match(String(note.message), /^the pinned docker\.io\/nosuch\/image:latest cannot be fetched: /);
  gateway.hub.setRemaining(0);
  assert.equal((await fetch(`${gateway.url}/v2/library/busybox/manifests/latest`)).status, 200);
});

test("the log warns before the pulls have run out, and shows no password", async (t) => {
  const account = { user: "alice", password: "correct-horse", tier: "personal" } as const;
  const gateway = await startChuboGateway(t, {
    hub: { accounts: [account] },
    variables: { CHUBO_UPSTREAM_DOCKER_IO_USERNAME: "alice", CHUBO_UPSTREAM_DOCKER_IO_PASSWORD: "correct-horse" },
    config: "upstreams: { docker.io: { identities: [environment] } }\n",
  });
  gateway.hub.setRemaining(11, { account: "alice" });
  const headers = { authorization: `Basic ${btoa("alice:correct-horse")}` };
  assert.equal((await fetch(`${gateway.url}/v2/library/httpd/manifests/2.4`, { headers })).status, 200);
  const { upstream, identity, threshold } = await waitFor(gateway, "budget");
  assert.deepEqual([upstream, identity, threshold], ["docker.io", "alice", 0.2]);
  const log = JSON.stringify(gateway.events);
  assert.ok(!log.includes("correct-horse") && !log.includes(btoa("alice:correct-horse")));
});

test("what is wrong with the command line or the file is told with its place, and ends with 2", async (t) => {
  const gateway = await startChuboGateway(t);
  const file = join(gateway.directory, "gateway.yml");
  writeFileSync(file, "listen: 127.0.0.1:0\nupstreams:\n  docker.io:\n    fallbak: off\n");
  const cases: [string[], RegExp][] = [
    [
      ["--config", file],
      /no key "fallbak".*\[CONFIG_KEY\]\n {2}at .*gateway\.yml:4:5\n {2}hint did you mean "fallback"\?/,
    ],
    [["--config", "nowhere.yml"], /CONFIG_FILE/],
    [["--state", join(gateway.directory, "state")], /CONFIG_STATE_BUSY/],
    [["--upstream", "docker.io=http://127.0.0.1:1/path", "--listen", "127.0.0.1:0"], /CONFIG_UPSTREAM/],
    [["--max-size", "50"], /CONFIG_NUMBER/],
    [["--listen", "5000"], /CONFIG_LISTEN/],
    [["--ledger", "redis://127.0.0.1"], /CONFIG_REPLICAS/],
    [["prefetch", "UPPER case"], /CONFIG_REFERENCE/],
    [["--no-such-option"], /unknown option/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await chubo(["gateway", ...words], gateway.directory);
    assert.equal(code, 2, `${words}: ${stderr}`);
    assert.match(stderr, message);
  }
});

async function waitFor(gateway: ChuboGateway, name: string) {
  for (;;) {
    const found = gateway.events.find(({ event }) => event === name);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A client that has begun to read a blob of 40 MiB, and stops. */
async function beginReading({ url }: ChuboGateway): Promise<{ answer: IncomingMessage; digest: string }> {
  const manifest = async (name: string) =>
    JSON.parse(await (await fetch(`${url}/v2/chubo/big/manifests/${name}`)).text());
  const { layers } = await manifest((await manifest("200mb")).manifests[0].digest);
  const { digest } = layers[0];
  const [answer] = await once(get(`${url}/v2/chubo/big/blobs/${digest}`, { agent: false }), "response");
  await once(answer, "readable");
  return { answer, digest };
}

const isRefused = ({ url }: ChuboGateway) =>
  fetch(`${url}/healthz`).then(
    () => false,
    () => true,
  );

test("SIGTERM lets a blob come to its end, takes no further connection, and releases the state directory", async (t) => {
  const gateway = await startChuboGateway(t);
  const { answer, digest } = await beginReading(gateway);
  const ended = gateway.stop("SIGTERM");
  await until(() => isRefused(gateway));
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  assert.equal(digestOf(Buffer.concat(chunks)), digest);
  assert.equal(await ended, 130);
  assert.equal(existsSync(join(gateway.directory, "state", "gateway", "lock")), false);
});

test("a second SIGTERM cuts what is in flight", async (t) => {
  const gateway = await startChuboGateway(t);
  const { answer } = await beginReading(gateway);
  void gateway.stop("SIGTERM");
  await until(() => isRefused(gateway));
  assert.equal(await gateway.stop("SIGTERM"), 130);
  await assert.rejects(async () => {
    for await (const _ of answer);
  }, /aborted/);
});
