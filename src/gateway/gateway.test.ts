import assert from "node:assert/strict";
import { createServer, request as requestHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type DockerHubSimulator, startDockerHubSimulator } from "../docker-hub/simulator.ts";
import { createGateway } from "./gateway.ts";
import { openMemoryPullLedger } from "./memory-pull-ledger.ts";
import { parseRateLimit } from "./parse-rate-limit.ts";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A gateway on a socket in front of a simulator; `get` asks it under a real host name. */
async function openGateway(t: TestContext, remaining: number) {
  const simulator: DockerHubSimulator = await startDockerHubSimulator({
    accounts: [{ user: "alice", password: "correct-horse", tier: "personal" }],
    remaining,
    clientAddress: "203.0.113.10",
    now: Date.now,
  });
  const ledger = openMemoryPullLedger();
  const gateway = createGateway({ baseUrl: () => simulator.url, ledger, now: Date.now });
  const server = createServer(
    (request, response) => void gateway.handle(request.headers.host ?? "", request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    gateway.close();
    await simulator.stop();
  });
  const { port } = server.address() as AddressInfo;
  const get = (host: string, path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<Answer>((resolve, reject) => {
      const asked = requestHttp(
        { port, host: "127.0.0.1", path, method, headers: { ...headers, host } },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (text: string) => (body += text));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      asked.on("error", reject).end();
    });
  const token = async (basic?: string) => {
    const headers =
      basic === undefined ? undefined : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
    const path = "/token?service=registry.docker.io&scope=repository:library/httpd:pull";
    const answer = await get("auth.docker.io", path, headers);
    return { answer, headers: { authorization: `Bearer ${(JSON.parse(answer.body) as { token?: string }).token}` } };
  };
  return { get, token, ledger };
}

const manifest = "/v2/library/httpd/manifests/latest";

test("an anonymous pull beyond the limit is refused in Docker Hub's words and recorded as not counted", async (t) => {
  const { get, token, ledger } = await openGateway(t, 1);
  const { headers } = await token();
  const first = await get("registry-1.docker.io", manifest, headers);
  assert.equal(first.status, 200);
  assert.equal(first.headers["ratelimit-remaining"], "0;w=21600");
  const second = await get("registry-1.docker.io", manifest, headers);
  assert.equal(second.status, 429);
  assert.match(second.body, /"TOOMANYREQUESTS","message":"You have reached your pull rate limit\. You may increase/);
  const reference = "docker.io/library/httpd:latest";
  assert.deepEqual(
    ledger.list().map(({ time: _, ...pull }) => pull),
    [
      {
        reference,
        registry: "docker.io",
        as: "anonymous",
        counted: true,
        source: "upstream",
        status: 200,
        remaining: 0,
      },
      {
        reference,
        registry: "docker.io",
        as: "anonymous",
        counted: false,
        source: "upstream",
        status: 429,
        remaining: 0,
      },
    ],
  );
});

test("a HEAD tells what is left and spends nothing", async (t) => {
  const { get, token, ledger } = await openGateway(t, 1);
  const { headers } = await token();
  for (const _ of [1, 2]) {
    const answer = await get("registry-1.docker.io", manifest, headers, "HEAD");
    assert.equal(answer.headers["ratelimit-remaining"], "1;w=21600");
    assert.match(String(answer.headers["docker-content-digest"]), /^sha256:/);
  }
  assert.deepEqual(ledger.list(), []);
});

test("a pull with a login is counted on the account, and a wrong password gets no token", async (t) => {
  const { get, token, ledger } = await openGateway(t, 0);
  const { headers } = await token("alice:correct-horse");
  const answer = await get("registry-1.docker.io", manifest, headers);
  assert.equal(answer.headers["ratelimit-limit"], "200;w=21600");
  assert.deepEqual([ledger.list()[0]?.as, ledger.list()[0]?.counted], ["alice", true]);
  const wrong = await token("alice:wrong");
  assert.equal(wrong.answer.status, 401);
  assert.deepEqual(JSON.parse(wrong.answer.body), { details: "incorrect username or password" });
});

test("a request without a token is challenged, and an unknown repository looks like a private one", async (t) => {
  const { get, token } = await openGateway(t, 1);
  const bare = await get("registry-1.docker.io", manifest);
  const realm = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
  assert.equal(bare.headers["www-authenticate"], `${realm},scope="repository:library/httpd:pull"`);
  const { headers } = await token();
  const unknown = await get("registry-1.docker.io", "/v2/library/nonesuch/manifests/latest", headers);
  assert.equal(unknown.status, 401);
  assert.match(String(unknown.headers["www-authenticate"]), /error="insufficient_scope"$/);
});

test("a blob is redirected to the content host, which serves it without a token", async (t) => {
  const { get, token } = await openGateway(t, 5);
  const { headers } = await token();
  const index = JSON.parse((await get("registry-1.docker.io", manifest, headers)).body);
  const path = `/v2/library/httpd/manifests/${index.manifests[0].digest}`;
  const { config } = JSON.parse((await get("registry-1.docker.io", path, headers)).body);
  const answer = await get("registry-1.docker.io", `/v2/library/httpd/blobs/${config.digest}`, headers);
  assert.equal(answer.status, 307);
  const location = new URL(String(answer.headers.location));
  assert.equal(location.host, "production.cloudflare.docker.com");
  const blob = await get(location.host, location.pathname + location.search);
  assert.match(JSON.parse(blob.body).config.Labels["org.opencontainers.image.description"], /^stand-in for httpd/);
});

test("ECR Public serves the same official image without a limit", async (t) => {
  const { get, ledger } = await openGateway(t, 0);
  const { token } = JSON.parse((await get("public.ecr.aws", "/token/?service=public.ecr.aws")).body);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await get("public.ecr.aws", "/v2/docker/library/httpd/manifests/latest", headers);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["ratelimit-limit"], undefined);
  assert.deepEqual([ledger.list()[0]?.registry, ledger.list()[0]?.counted], ["public.ecr.aws", false]);
});

test("an upstream that cannot be reached is named in a 502", async (t) => {
  const gateway = createGateway({ baseUrl: () => "http://127.0.0.1:1", ledger: openMemoryPullLedger(), now: Date.now });
  const server = createServer((request, response) => void gateway.handle("docker.io", request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    gateway.close();
  });
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`);
  assert.equal(response.status, 502);
  assert.match(await response.text(), /docker\.io cannot be reached/);
});

test("a limit header is read with its window, whatever it is", () => {
  assert.deepEqual(parseRateLimit("20;w=3600"), { count: 20, windowSeconds: 3600 });
  assert.deepEqual(parseRateLimit("20"), { count: 20, windowSeconds: undefined });
  assert.equal(parseRateLimit("unlimited"), undefined);
});
