import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { type TestContext, test } from "node:test";
import { digestOf } from "../oci/digest.ts";
import type { ImageIndex, ImageManifest } from "../oci/manifest.ts";
import { pullLimitTexts } from "./docker-hub-rules.ts";
import { type SimulatorOptions, startDockerHubSimulator } from "./simulator.ts";

const accounts = [
  { user: "alice", password: "correct-horse", tier: "personal" },
  { user: "carol", password: "colon:in:it", tier: "pro" },
] as const;

type Changed = Partial<Omit<SimulatorOptions, "clientAddress">> & { clientAddress?: string | undefined };

interface ImageConfig {
  config: { Labels: Record<string, string> };
}

/** A simulator with a clock that the test sets, asked by its own address. */
async function openSimulator(t: TestContext, options: Changed = {}) {
  const clock = { now: Date.parse("2026-11-24T00:00:00Z") };
  const { clientAddress, ...others } = { clientAddress: "203.0.113.10", ...options };
  const simulator = await startDockerHubSimulator({
    accounts,
    ...(clientAddress === undefined ? {} : { clientAddress }),
    now: () => clock.now,
    ...others,
  });
  t.after(() => simulator.stop());
  const get = (path: string, init: RequestInit = {}) => fetch(simulator.url + path, { redirect: "manual", ...init });

  async function login(credentials?: string, repository = "library/httpd"): Promise<Record<string, string>> {
    const basic = credentials === undefined ? undefined : Buffer.from(credentials).toString("base64");
    const answer = await get(`/token?service=registry.docker.io&scope=repository:${repository}:pull`, {
      headers: basic === undefined ? {} : { authorization: `Basic ${basic}` },
    });
    assert.equal(answer.status, 200);
    const { token } = (await answer.json()) as { token: string };
    return { authorization: `Bearer ${token}` };
  }
  return { simulator, clock, get, login };
}

function claimsOf({ authorization = "" }: Record<string, string>) {
  return JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString("utf8"));
}

const latest = "/v2/library/httpd/manifests/latest";

test("the whole of an image can be pulled, each part by its digest", async (t) => {
  const { get, login, simulator } = await openSimulator(t);
  const headers = await login();
  const index = await get(latest, { headers });
  const text = await index.text();
  assert.equal(index.headers.get("docker-content-digest"), digestOf(text));
  assert.equal(index.headers.get("content-type"), "application/vnd.oci.image.index.v1+json");
  const [entry] = (JSON.parse(text) as ImageIndex).manifests;
  const manifest = (await (
    await get(`/v2/library/httpd/manifests/${entry?.digest}`, { headers })
  ).json()) as ImageManifest;
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    const redirect = await get(`/v2/library/httpd/blobs/${digest}`, { headers });
    assert.equal(redirect.status, 307);
    const location = redirect.headers.get("location") ?? "";
    assert.ok(location.startsWith(`${simulator.url}/registry-v2/`));
    const blob = Buffer.from(await (await fetch(location)).arrayBuffer());
    assert.equal(blob.length, size);
    assert.equal(digestOf(blob), digest);
  }
});

test("a signed link is good for its blob and for twenty minutes only", async (t) => {
  const { get, login, clock } = await openSimulator(t);
  const headers = await login();
  const index = (await (await get(latest, { headers })).json()) as ImageIndex;
  const path = `/v2/library/httpd/manifests/${index.manifests[0]?.digest}`;
  const { config, layers } = (await (await get(path, { headers })).json()) as ImageManifest;
  const redirect = await get(`/v2/library/httpd/blobs/${config.digest}`, { headers });
  const location = redirect.headers.get("location") ?? "";
  const hex = (digest = "") => digest.slice("sha256:".length);
  const other = location.replaceAll(hex(config.digest), hex(layers[0]?.digest));
  assert.equal((await fetch(other)).status, 403);
  assert.equal((await fetch(location)).status, 200);
  clock.now += 1201 * 1000;
  assert.equal((await fetch(location)).status, 403);
});

test("a pull is two manifest GETs; a third is refused, in the classic text, until the window has passed", async (t) => {
  const { get, login, clock } = await openSimulator(t, { remaining: 1 });
  const headers = await login();
  assert.equal((await get(latest, { headers })).headers.get("ratelimit-remaining"), "1;w=21600");
  assert.equal((await get(latest, { headers })).headers.get("ratelimit-remaining"), "0;w=21600");
  const refused = await get(latest, { headers });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("docker-ratelimit-source"), "203.0.113.10");
  assert.deepEqual(await refused.json(), {
    errors: [{ code: "TOOMANYREQUESTS", message: pullLimitTexts.classic }],
  });
  clock.now += 21_600 * 1000;
  const answered = await get(latest, { headers: await login() });
  assert.equal(answered.status, 200);
  assert.equal(answered.headers.get("ratelimit-limit"), "100;w=21600");
});

test("header, token and counted window are settings of their own, as are text and Retry-After", async (t) => {
  const { get, login } = await openSimulator(t, {
    remaining: 0,
    headerWindow: 3600,
    tokenWindow: 21_600,
    limitMessage: pullLimitTexts.unauthenticated,
    retryAfter: 60,
  });
  const headers = await login();
  assert.equal(claimsOf(headers).access[0].parameters.pull_limit_interval, "21600");
  const refused = await get(latest, { headers });
  assert.equal(refused.headers.get("ratelimit-limit"), "100;w=3600");
  assert.equal(refused.headers.get("retry-after"), "60");
  assert.match(await refused.text(), /unauthenticated pull rate limit/);
});

test("an account is counted for itself, at 200 pulls, whatever its address has spent", async (t) => {
  const { get, login, simulator } = await openSimulator(t, { remaining: 0 });
  const headers = await login("alice:correct-horse");
  const answer = await get(latest, { headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ratelimit-limit"), "200;w=21600");
  assert.match(answer.headers.get("docker-ratelimit-source") ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  simulator.setRemaining(0, { account: "alice" });
  assert.equal((await get(latest, { headers })).status, 429);
});

test("a paid account has no limit: neither in its token nor in headers", async (t) => {
  const { get, login } = await openSimulator(t, { remaining: 0 });
  const headers = await login("carol:colon:in:it");
  assert.equal(claimsOf(headers).access[0].parameters, undefined);
  const answer = await get(latest, { headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ratelimit-limit"), null);
});

test("addresses of one IPv6 /64 share a limit, those of the next one do not", async (t) => {
  const { get, login } = await openSimulator(t, { trustForwardedFor: true, anonymous: { limit: 1 } });
  const headers = await login();
  const from = async (address: string) =>
    (await get(latest, { headers: { ...headers, "x-forwarded-for": `${address}, 10.0.0.1` } })).status;
  assert.equal(await from("2600:3c00:0:1::1"), 200);
  assert.equal(await from("2600:3c00:0:1:ffff::2"), 200);
  assert.equal(await from("2600:3c00:0:1::3"), 429);
  assert.equal(await from("2600:3c00:0:2::1"), 200);
});

test("a HEAD says what is left, spends nothing and is answered when nothing is left", async (t) => {
  const { get, login } = await openSimulator(t, { remaining: 0 });
  const headers = await login(undefined, "ratelimitpreview/test");
  const answer = await get("/v2/ratelimitpreview/test/manifests/latest", { headers, method: "HEAD" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ratelimit-remaining"), "0;w=21600");
  assert.ok(Number(answer.headers.get("content-length")) > 0);
});

test("a token has the claims of Docker Hub's and ends after five minutes", async (t) => {
  const { get, login, clock } = await openSimulator(t);
  const headers = await login();
  const { access, aud, iss, sub, iat, exp, nbf, jti } = claimsOf(headers);
  assert.deepEqual(access, [
    {
      type: "repository",
      name: "library/httpd",
      actions: ["pull"],
      parameters: { pull_limit: "100", pull_limit_interval: "21600" },
    },
  ]);
  assert.deepEqual({ aud, iss, sub }, { aud: "registry.docker.io", iss: "auth.docker.io", sub: "" });
  assert.deepEqual([exp - iat, iat - nbf], [300, 300]);
  assert.match(jti, /^dckr_jti_/);
  clock.now += 300 * 1000;
  const late = await get(latest, { headers });
  assert.equal(late.status, 401);
  assert.match(late.headers.get("www-authenticate") ?? "", /error="invalid_token"$/);
});

test("a token whose claims were changed is not believed", async (t) => {
  const { get, login } = await openSimulator(t);
  const [head, , signature] = (await login()).authorization?.split(".") ?? [];
  const claims = { ...claimsOf(await login()), sub: "somebody" };
  const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
  assert.equal((await get(latest, { headers: { authorization: forged } })).status, 401);
});

test("a form is answered as the query is, and a wrong password by both with docker's details", async (t) => {
  const { get } = await openSimulator(t);
  const post = (fields: Record<string, string>) =>
    get("/token", { method: "POST", body: new URLSearchParams({ service: "registry.docker.io", ...fields }) });
  const scope = "repository:library/httpd:pull repository:library/busybox:pull,push";
  const granted = await post({ grant_type: "password", username: "alice", password: "correct-horse", scope });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const { access } = claimsOf({ authorization: token });
  assert.deepEqual(
    access.map(({ name, actions }: { name: string; actions: string[] }) => `${name} ${actions}`),
    ["library/httpd pull", "library/busybox pull"],
  );
  const wrong = await post({ grant_type: "password", username: "alice", password: "battery-staple" });
  const basic = `Basic ${Buffer.from("nobody:correct-horse").toString("base64")}`;
  for (const answer of [wrong, await get("/token", { headers: { authorization: basic } })]) {
    assert.equal(answer.status, 401);
    assert.deepEqual(await answer.json(), { details: "incorrect username or password" });
  }
  assert.equal((await post({ grant_type: "refresh_token", refresh_token: "x" })).status, 400);
});

test("what is not there, or may not be written, is refused as Docker Hub refuses it", async (t) => {
  const { get, login } = await openSimulator(t);
  const unknown = await get("/v2/library/nonesuch/manifests/latest", {
    headers: await login(undefined, "library/nonesuch"),
  });
  assert.equal(unknown.status, 401);
  const challenge = unknown.headers.get("www-authenticate") ?? "";
  assert.match(challenge, /scope="repository:library\/nonesuch:pull",error="insufficient_scope"$/);
  const headers = await login();
  const tag = await get("/v2/library/httpd/manifests/nonesuch", { headers });
  assert.equal(tag.status, 404);
  assert.match(await tag.text(), /"MANIFEST_UNKNOWN"/);
  assert.equal((await get(latest, { headers, method: "PUT", body: "{}" })).status, 401);
  const other = await get("/v2/library/busybox/manifests/latest", { headers });
  assert.equal(other.status, 401);
});

test("the log tells who asked for what and what it cost, without tokens and queries", async (t) => {
  const { get, login, simulator, clock } = await openSimulator(t);
  await (await get("/v2/")).text();
  const answer = await (await get(latest, { headers: await login("alice:correct-horse") })).text();
  const host = new URL(simulator.url).host;
  const same = {
    ...{ time: clock.now, host, method: "GET", address: "203.0.113.10", userAgent: "node" },
    ...{ account: undefined, counted: false, remaining: undefined, fault: undefined },
  };
  const [, token] = simulator.requests();
  assert.ok((token?.bytes ?? 0) > 0);
  assert.deepEqual(simulator.requests(), [
    { ...same, path: "/v2/", status: 401, bytes: 72 },
    { ...same, path: "/token", status: 200, bytes: token?.bytes },
    { ...same, path: latest, status: 200, bytes: answer.length, account: "alice", counted: true, remaining: 200 },
  ]);
});

test("without an address for all, each client is counted by its own, and strangers have used up all of them", async (t) => {
  const { get, login, simulator } = await openSimulator(t, {
    clientAddress: undefined,
    trustForwardedFor: true,
    remaining: 1,
    anonymous: { manifestGetsPerPull: 1 },
  });
  const headers = await login();
  const from = async (address?: string) =>
    (await get(latest, { headers: address === undefined ? headers : { ...headers, "x-forwarded-for": address } }))
      .status;
  assert.deepEqual([await from(), await from()], [200, 429]);
  assert.deepEqual([await from("198.51.100.1"), await from("198.51.100.1")], [200, 429]);
  assert.deepEqual(
    simulator.pulls().map(({ address, remaining }) => [address, remaining]),
    [
      ["127.0.0.1", 0],
      ["198.51.100.1", 0],
    ],
  );
});

test("an X-Forwarded-For that nobody asked to believe changes nothing", async (t) => {
  const { get, login, simulator } = await openSimulator(t, { clientAddress: undefined });
  await get(latest, { headers: { ...(await login()), "x-forwarded-for": "198.51.100.1" } });
  assert.deepEqual([...new Set(simulator.requests().map(({ address }) => address))], ["127.0.0.1"]);
});

test("strangers' pulls are taken from an address, and others' from an account that has a limit", async (t) => {
  const { simulator } = await openSimulator(t);
  simulator.spend(40);
  simulator.spend(7, { address: "2001:db8::1" });
  simulator.spend(500, { account: "alice" });
  assert.deepEqual(
    simulator.pulls().map(({ address, account, remaining }) => [address ?? account, remaining]),
    [
      ["203.0.113.10", 60],
      ["2001:db8::", 93],
      ["alice", 0],
    ],
  );
  assert.throws(() => simulator.spend(1, { account: "carol" }), /carol is of tier pro, which has no limit/);
  assert.throws(() => simulator.setRemaining(1, { account: "nobody" }), /there is no account nobody/);
});

test("more requests in a minute than the abuse limit allows are refused in plain text, with a login as well", async (t) => {
  const { get, login, clock } = await openSimulator(t, { abuseLimit: 2 });
  const headers = await login("carol:colon:in:it");
  assert.equal((await get(latest, { headers })).status, 200);
  const refused = await get(latest, { headers });
  assert.equal(refused.status, 429);
  assert.equal(await refused.text(), "Too Many Requests (HAP429).\n");
  assert.deepEqual([refused.headers.get("retry-after"), refused.headers.get("connection")], ["60", "close"]);
  clock.now += 60_000;
  assert.equal((await get(latest, { headers })).status, 200);
});

test("a client is sent to the token service and the content by the name that it used itself", async (t) => {
  const { simulator } = await openSimulator(t);
  const ask = (host: string, path: string, authorization?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host, ...(authorization === undefined ? {} : { authorization }) };
      request(simulator.url + path, { headers }, (answer) => resolve(answer.resume()))
        .on("error", reject)
        .end();
    });
  const realmOf = async (host: string) => (await ask(host, "/v2/")).headers["www-authenticate"] ?? "";
  assert.match(await realmOf(`localhost:${simulator.port}`), /realm="http:\/\/localhost:\d+\/token"/);
  assert.match(await realmOf("registry-1.docker.io"), /realm="https:\/\/auth\.docker\.io\/token"/);
  assert.match(await realmOf('evil" x'), /realm="http:\/\/127\.0\.0\.1:\d+\/token"/);
});

test("busybox is an index of two architectures; the one that cannot run here says so", async (t) => {
  const { get, login } = await openSimulator(t);
  const headers = await login(undefined, "library/busybox");
  const path = "/v2/library/busybox";
  const { manifests } = (await (await get(`${path}/manifests/latest`, { headers })).json()) as ImageIndex;
  const platforms = manifests.map(({ platform }) => platform?.architecture);
  assert.ok(platforms.includes("amd64") && platforms.includes("arm64"));
  const follow = { headers, redirect: "follow" } as const;
  const descriptions = await Promise.all(
    manifests.map(async ({ digest }) => {
      const { config } = (await (await get(`${path}/manifests/${digest}`, { headers })).json()) as ImageManifest;
      const content = (await (await get(`${path}/blobs/${config.digest}`, follow)).json()) as ImageConfig;
      return content.config.Labels["org.opencontainers.image.description"];
    }),
  );
  assert.equal(descriptions[0], "busybox of this machine");
  assert.match(descriptions[1] ?? "", /^stand-in for busybox of \w+: .* does not run on/);
});

test("content is answered in the range that a client asks for", async (t) => {
  const { get, login } = await openSimulator(t);
  const headers = await login();
  const index = (await (await get(latest, { headers })).json()) as ImageIndex;
  const manifest = `/v2/library/httpd/manifests/${index.manifests[0]?.digest}`;
  const { config } = (await (await get(manifest, { headers })).json()) as ImageManifest;
  const redirect = await get(`/v2/library/httpd/blobs/${config.digest}`, { headers });
  const location = redirect.headers.get("location") ?? "";
  const whole = await (await fetch(location)).text();
  const part = await fetch(location, { headers: { range: "bytes=10-19" } });
  assert.deepEqual([part.status, await part.text()], [206, whole.slice(10, 20)]);
  assert.equal(part.headers.get("content-range"), `bytes 10-19/${whole.length}`);
  const rest = await fetch(location, { headers: { range: "bytes=10-" } });
  assert.equal(await rest.text(), whole.slice(10));
  assert.equal((await fetch(location, { headers: { range: `bytes=${whole.length}-` } })).status, 416);
});
