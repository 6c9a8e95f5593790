import assert from "node:assert/strict";
import type { Server } from "node:http";
import { createServer, request as requestHttp } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type SimulatorOptions, startDockerHubSimulator } from "../../docker-hub/simulator.ts";
import { parseRateLimit } from "../upstream/parse-rate-limit.ts";
import { createForwardingGateway, type ForwardingOptions } from "./forwarding-gateway.ts";
import { openMemoryPullLedger } from "./memory-pull-ledger.ts";
import type { PullRecord } from "./pull-ledger.ts";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

interface Asked {
  headers?: Record<string, string>;
  method?: string;
  body?: string;
}

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A gateway on a socket in front of an upstream; `ask` asks it under a real host name. */
async function openGateway(t: TestContext, upstream: string, options: Partial<ForwardingOptions> = {}) {
  const heard: PullRecord[] = [];
  const ledger = openMemoryPullLedger({ onRecord: (record) => heard.push(record) });
  const gateway = createForwardingGateway({ baseUrl: () => upstream, ledger, now: Date.now, ...options });
  t.after(() => gateway.close());
  const server = createServer(
    (request, response) => void gateway.handle(request.headers.host ?? "", request, response),
  );
  const port = await listen(t, server);

  const ask = (host: string, path: string, { headers = {}, method = "GET", body }: Asked = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const target = { port, host: "127.0.0.1", path, method, headers: { ...headers, host } };
      const asked = requestHttp(target, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      asked.on("error", reject).end(body);
    });
  return { ask, ledger, heard, port };
}

const latest = "/v2/library/httpd/manifests/latest";

async function openSimulated(t: TestContext, options: Partial<SimulatorOptions> = {}) {
  const simulator = await startDockerHubSimulator({
    accounts: [{ user: "alice", password: "correct-horse", tier: "personal" }],
    clientAddress: "203.0.113.10",
    now: Date.now,
    ...options,
  });
  t.after(() => simulator.stop());
  const opened = await openGateway(t, simulator.url);

  async function token(basic?: string) {
    const headers: Record<string, string> =
      basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
    const path = "/token?service=registry.docker.io&scope=repository:library/httpd:pull";
    const answer = await opened.ask("auth.docker.io", path, { headers });
    return { answer, headers: { authorization: `Bearer ${(JSON.parse(answer.body) as { token?: string }).token}` } };
  }
  const pull = (headers: Record<string, string>) => opened.ask("registry-1.docker.io", latest, { headers });
  return { ...opened, token, pull, simulator };
}

test("an anonymous pull beyond the limit is refused in Docker Hub's words and recorded as not counted", async (t) => {
  const { token, pull, ledger, heard } = await openSimulated(t, { remaining: 1 });
  const { headers } = await token();
  const first = await pull(headers);
  assert.equal(first.headers["ratelimit-remaining"], "1;w=21600");
  assert.equal((await pull(headers)).headers["ratelimit-remaining"], "0;w=21600");
  const refused = await pull(headers);
  assert.equal(refused.status, 429);
  assert.match(refused.body, /"TOOMANYREQUESTS","message":"You have reached your pull rate limit\. You may increase/);
  const record = { reference: "docker.io/library/httpd:latest", registry: "docker.io", as: "anonymous" };
  assert.deepEqual(
    ledger.list().map(({ time: _, ...pulled }) => pulled),
    [
      { ...record, counted: true, source: "upstream", status: 200, remaining: 1 },
      { ...record, counted: true, source: "upstream", status: 200, remaining: 0 },
      { ...record, counted: false, source: "upstream", status: 429, remaining: 0 },
    ],
  );
  assert.deepEqual(heard, ledger.list());
});

test("a HEAD tells what is left, spends nothing and is no pull", async (t) => {
  const { ask, token, ledger } = await openSimulated(t, { remaining: 1 });
  const { headers } = await token();
  for (const _ of [1, 2, 3]) {
    const answer = await ask("registry-1.docker.io", latest, { headers, method: "HEAD" });
    assert.equal(answer.headers["ratelimit-remaining"], "1;w=21600");
    assert.match(String(answer.headers["docker-content-digest"]), /^sha256:/);
    assert.ok(Number(answer.headers["content-length"]) > 0);
  }
  assert.deepEqual(ledger.list(), []);
});

test("a pull with a login is counted on the account, and a wrong password gets no token", async (t) => {
  const { token, pull, ledger } = await openSimulated(t, { remaining: 0 });
  const { headers } = await token("alice:correct-horse");
  const answer = await pull(headers);
  assert.equal(answer.headers["ratelimit-limit"], "200;w=21600");
  assert.deepEqual([ledger.list()[0]?.as, ledger.list()[0]?.counted], ["alice", true]);
  const wrong = await token("alice:wrong");
  assert.equal(wrong.answer.status, 401);
  assert.deepEqual(JSON.parse(wrong.answer.body), { details: "incorrect username or password" });
});

test("a login by form, as containerd makes it, is recognised as well", async (t) => {
  const { ask, pull, ledger } = await openSimulated(t);
  const form = new URLSearchParams({
    grant_type: "password",
    username: "alice",
    password: "correct-horse",
    service: "registry.docker.io",
    scope: "repository:library/httpd:pull",
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", "accept-encoding": "gzip" };
  const answer = await ask("auth.docker.io", "/token", { method: "POST", headers, body: form.toString() });
  const { access_token: token } = JSON.parse(answer.body);
  assert.equal((await pull({ authorization: `Bearer ${token}` })).status, 200);
  assert.equal(ledger.list()[0]?.as, "alice");
});

test("a pull by digest is recorded by its digest", async (t) => {
  const { ask, token, pull, ledger } = await openSimulated(t);
  const { headers } = await token();
  const { digest } = JSON.parse((await pull(headers)).body).manifests[0];
  await ask("index.docker.io", `/v2/library/httpd/manifests/${digest}`, { headers });
  assert.equal(ledger.list()[1]?.reference, `docker.io/library/httpd@${digest}`);
});

test("a request without a token is challenged under the real name, and is no pull", async (t) => {
  const { ask, ledger } = await openSimulated(t);
  const bare = await ask("registry-1.docker.io", latest);
  const realm = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
  assert.equal(bare.headers["www-authenticate"], `${realm},scope="repository:library/httpd:pull"`);
  assert.deepEqual(ledger.list(), []);
});

test("a blob is redirected to the content host, which serves it without a token", async (t) => {
  const { ask, token, pull } = await openSimulated(t);
  const { headers } = await token();
  const index = JSON.parse((await pull(headers)).body);
  const path = `/v2/library/httpd/manifests/${index.manifests[0].digest}`;
  const { config } = JSON.parse((await ask("registry-1.docker.io", path, { headers })).body);
  const answer = await ask("registry-1.docker.io", `/v2/library/httpd/blobs/${config.digest}`, { headers });
  assert.equal(answer.status, 307);
  const location = new URL(String(answer.headers.location));
  assert.equal(location.host, "production.cloudflare.docker.com");
  const blob = await ask(location.host, location.pathname + location.search);
  assert.match(JSON.parse(blob.body).config.Labels["org.opencontainers.image.description"], /^stand-in for httpd/);
});

test("ECR Public serves the same official image by any of its tokens, and Docker Hub counts nothing", async (t) => {
  const { ask, ledger } = await openSimulated(t, { remaining: 0 });
  const bare = await ask("public.ecr.aws", "/v2/");
  const challenge = 'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"';
  assert.equal(bare.headers["www-authenticate"], challenge);
  const { token } = JSON.parse((await ask("public.ecr.aws", "/token/?service=public.ecr.aws&scope=aws")).body);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask("public.ecr.aws", "/v2/docker/library/httpd/manifests/latest", { headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["ratelimit-limit"], undefined);
  const { registry, counted, reference } = ledger.list()[0] ?? {};
  assert.deepEqual(
    [registry, counted, reference],
    ["public.ecr.aws", false, "public.ecr.aws/docker/library/httpd:latest"],
  );
  const unknown = await ask("public.ecr.aws", "/v2/docker/library/nonesuch/manifests/latest", { headers });
  assert.equal(unknown.status, 404);
  assert.match(unknown.body, /"NAME_UNKNOWN".*'library\/nonesuch' does not exist in the registry with id 'docker'/);
});

test("ECR Public refuses in words of its own where its quota is enforced", async (t) => {
  const { ask, ledger } = await openSimulated(t, { ecrPublicPullsPerSecond: 1, now: () => 0 });
  const { token } = JSON.parse((await ask("public.ecr.aws", "/token/")).body);
  const headers = { authorization: `Bearer ${token}` };
  const statuses: number[] = [];
  for (const _ of [1, 2, 3]) {
    const answer = await ask("public.ecr.aws", "/v2/docker/library/httpd/manifests/latest", { headers });
    statuses.push(answer.status);
    if (answer.status === 429) assert.match(answer.body, /"code":"TOOMANYREQUESTS","message":"Rate exceeded"/);
  }
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.deepEqual(
    ledger.list().map(({ status }) => status),
    statuses,
  );
});

test("a host is served under its name in any case and with a port, and no other host is", () => {
  const gateway = createForwardingGateway({
    baseUrl: () => "http://127.0.0.1:1",
    ledger: openMemoryPullLedger(),
    now: Date.now,
  });
  for (const host of ["registry-1.docker.io", "Auth.Docker.IO:443", "public.ecr.aws"]) assert.ok(gateway.serves(host));
  for (const host of ["hub.docker.com", "docker.io.example.com", "localhost", ""]) assert.ok(!gateway.serves(host));
  gateway.close();
});

test("an upstream that cannot be reached is named in a 502", async (t) => {
  const { ask } = await openGateway(t, "http://127.0.0.1:1");
  const answer = await ask("registry-1.docker.io", "/v2/");
  assert.equal(answer.status, 502);
  assert.match(JSON.parse(answer.body).errors[0].message, /^registry-1\.docker\.io cannot be reached: /);
});

test("an upstream that stays silent is given up", async (t) => {
  const silent = createServer(() => undefined);
  const { ask } = await openGateway(t, `http://127.0.0.1:${await listen(t, silent)}`, { silenceMilliseconds: 50 });
  const answer = await ask("registry-1.docker.io", "/v2/");
  assert.equal(answer.status, 502);
  assert.match(answer.body, /silent for 0\.05 seconds/);
});

test("a body that breaks off upstream breaks off at the client", async (t) => {
  const broken = createServer((_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("only this", () => response.destroy());
  });
  const { ask } = await openGateway(t, `http://127.0.0.1:${await listen(t, broken)}`);
  await assert.rejects(ask("production.cloudflare.docker.com", "/blob"), /aborted/);
});

test("a client that goes away ends the request upstream", async (t) => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const patient = createServer((request) => {
    request.socket.once("close", () => end());
    arrive();
  });
  const { port } = await openGateway(t, `http://127.0.0.1:${await listen(t, patient)}`);
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /v2/ HTTP/1.1\r\nHost: registry-1.docker.io\r\n\r\n");
  await arrived;
  socket.destroy();
  await ended;
});

test("headers of one hop stop at the gateway, and no path leads to another host", async (t) => {
  const echo = createServer((request, response) => {
    const body = JSON.stringify({ url: request.url, headers: request.headers });
    response.writeHead(200, { "x-private": "1", connection: "x-private" }).end(body);
  });
  const { ask } = await openGateway(t, `http://127.0.0.1:${await listen(t, echo)}`);
  const headers = { connection: "x-secret", "x-secret": "1", "proxy-authorization": "Basic eA==", accept: "a/b" };
  const answer = await ask("registry-1.docker.io", "http://registry-1.docker.io/v2/?ns=docker.io", { headers });
  const asked = JSON.parse(answer.body);
  assert.equal(asked.url, "/v2/?ns=docker.io");
  assert.equal(asked.headers.host, "registry-1.docker.io");
  assert.equal(asked.headers.accept, "a/b");
  assert.equal(asked.headers["x-secret"], undefined);
  assert.equal(asked.headers["proxy-authorization"], undefined);
  assert.equal(answer.headers["x-private"], undefined);
  const elsewhere = await ask("registry-1.docker.io", "//elsewhere.example/v2/");
  assert.equal(JSON.parse(elsewhere.body).url, "//elsewhere.example/v2/");
});

test("a token service that would compress is asked not to, so that the token's holder is known", async (t) => {
  const service = createServer((request, response) => {
    if (request.url?.startsWith("/v2/")) {
      response.writeHead(200, { "ratelimit-remaining": "7;w=3600" }).end("{}");
      return;
    }
    const content = Buffer.from(JSON.stringify({ token: "opaque" }));
    const isCompressed = request.headers["accept-encoding"]?.includes("gzip") === true;
    response.writeHead(200, isCompressed ? { "content-encoding": "gzip" } : {});
    response.end(isCompressed ? gzipSync(content) : content);
  });
  const clock = { now: 0 };
  const upstream = `http://127.0.0.1:${await listen(t, service)}`;
  const { ask, ledger } = await openGateway(t, upstream, { now: () => clock.now });
  const basic = { authorization: `Basic ${Buffer.from("alice:x").toString("base64")}`, "accept-encoding": "gzip" };
  assert.equal((await ask("auth.docker.io", "/token", { headers: basic })).body, '{"token":"opaque"}');
  const headers = { authorization: "Bearer opaque" };
  await ask("registry-1.docker.io", latest, { headers });
  clock.now = 60_001;
  await ask("registry-1.docker.io", latest, { headers });
  assert.deepEqual(
    ledger.list().map(({ as, remaining }) => [as, remaining]),
    [
      ["alice", 7],
      ["anonymous", 7],
    ],
  );
});

test("the ledger keeps the newest records", () => {
  const ledger = openMemoryPullLedger({ maximum: 2 });
  const record = { reference: "", registry: "", as: "", counted: false, source: "upstream", status: 200 } as const;
  for (const time of [1, 2, 3]) ledger.add({ ...record, time });
  assert.deepEqual(
    ledger.list().map(({ time }) => time),
    [2, 3],
  );
});

test("a limit header is read with its window, whatever it is", () => {
  assert.deepEqual(parseRateLimit("20;w=3600"), { count: 20, windowSeconds: 3600 });
  assert.deepEqual(parseRateLimit("20"), { count: 20, windowSeconds: undefined });
  assert.equal(parseRateLimit("unlimited"), undefined);
  assert.equal(parseRateLimit(undefined), undefined);
});
