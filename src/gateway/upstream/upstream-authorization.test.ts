import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import { account, anonymous, fails, openUpstreamClient, startUpstream } from "../../../test/fixtures/upstream-bench.ts";
import type { Identity } from "../identities/identity.ts";
import type { UpstreamClientOptions } from "./create-upstream-client.ts";

interface TokenAnswer {
  status?: number;
  location?: string;
  body: string;
}

interface TokenRegistry {
  /** Of the token service's answer; the token where absent. */
  token?: (request: IncomingMessage, count: number) => TokenAnswer;
  challenge?: (host: string, repository: string) => string;
  isGood?: (authorization: string | undefined) => boolean;
}

/** A registry whose repositories have the tags `a`, `b`, `c`…, and which wants a token that is still good. */
async function openTokenRegistry(
  t: TestContext,
  registry: TokenRegistry = {},
  options: Partial<UpstreamClientOptions> & { identities?: readonly Identity[] } = {},
) {
  const tokens: IncomingMessage[] = [];
  const {
    token = (_, count): TokenAnswer => ({
      body: JSON.stringify({ token: `t${count}`, expires_in: 300 }),
    }),
    challenge = (host, name) => `Bearer realm="http://${host}/token",service="s",scope="repository:${name}:pull"`,
    isGood = (header) => header?.startsWith("Bearer ") === true,
  } = registry;
  const server = await startUpstream(t, (request, response) => {
    if (request.url?.startsWith("/token")) {
      const { status = 200, body, location } = token(request, tokens.push(request));
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
      return;
    }
    const repository = /^\/v2\/(.+)\/tags\/list/.exec(request.url ?? "")?.[1] ?? "";
    const isIn = isGood(request.headers.authorization);
    if (isIn) response.end('{"tags":["a"]}');
    else response.writeHead(401, { "www-authenticate": challenge(server.host, repository) }).end("{}");
  });
  const opened = openUpstreamClient(t, { baseUrl: server.url, ...options });
  return { ...opened, ...server, tokens };
}

test("simultaneous askers share one token, and later ones do not pay a refusal first", async (t) => {
  const { client, tokens, asked } = await openTokenRegistry(t);
  await Promise.all(Array.from({ length: 10 }, () => client.listTags("x/y")));
  assert.equal(tokens.length, 1);
  const before = asked.length;
  await client.listTags("x/y");
  await client.listTags("z");
  assert.deepEqual(asked.slice(before), [
    "GET /v2/x/y/tags/list",
    "GET /token?scope=repository%3Az%3Apull&service=s",
    "GET /v2/z/tags/list",
  ]);
});

test("a token is used until shortly before it expires, 60 seconds where nothing is said", async (t) => {
  for (const [fields, good] of [
    [{ expires_in: 300 }, 269],
    [{}, 47],
  ] as const) {
    let seconds = 0;
    const token = () => ({ body: JSON.stringify({ access_token: "x", ...fields }) });
    const { client, tokens } = await openTokenRegistry(t, { token }, { now: () => seconds * 1000 });
    await client.listTags("y");
    seconds = good;
    await client.listTags("y");
    assert.equal(tokens.length, 1);
    seconds = good + 2;
    await client.listTags("y");
    assert.equal(tokens.length, 2);
  }
});

test("a kept token that is refused is replaced once", async (t) => {
  let good = "Bearer t1";
  const { client, tokens } = await openTokenRegistry(t, { isGood: (header) => header === good });
  await client.listTags("y");
  good = "Bearer t2";
  assert.deepEqual((await client.listTags("y"))?.tags, ["a"]);
  assert.equal(tokens.length, 2);
  good = "Bearer revoked";
  await assert.rejects(client.listTags("y"), fails("denied", /^registry\.example denies this to anonymous/));
  assert.equal(tokens.length, 3);
});

test("a token that is refused as soon as it is there is not asked for again", async (t) => {
  const { client, asked } = await openTokenRegistry(t, { isGood: () => false });
  await assert.rejects(client.listTags("y"), fails("denied", /denies this to anonymous/, { status: 401 }));
  assert.deepEqual(
    asked.map((line) => line.split("?")[0]),
    ["GET /v2/y/tags/list", "GET /token", "GET /v2/y/tags/list"],
  );
  const before = asked.length;
  await assert.rejects(client.listTags("z"), fails("denied", /denies this to anonymous/));
  assert.equal(asked.length, before + 2);
});

test("who may not see a repository gives way to another identity", async (t) => {
  const token = (request: IncomingMessage) => ({
    body: JSON.stringify({ token: request.headers.authorization ?? "none" }).replace("Basic ", ""),
  });
  const secret = Buffer.from("alice:correct-horse").toString("base64");
  const isGood = (header: string | undefined) => header === `Bearer ${secret}`;
  const { client, pool } = await openTokenRegistry(t, { token, isGood }, { identities: [anonymous, account("alice")] });
  assert.deepEqual((await client.listTags("y"))?.tags, ["a"]);
  assert.deepEqual(pool.observed, ["alice 200"]);
});

test("a login that is refused rests, its password is nowhere, and the next identity asks", async (t) => {
  const token = (request: IncomingMessage) =>
    request.headers.authorization === undefined
      ? { body: '{"token":"t"}' }
      : { status: 401, body: '{"details":"incorrect username or password"}' };
  const identities = [account("alice", "wrong-horse"), anonymous];
  const { client, pool, exchanges } = await openTokenRegistry(t, { token }, { identities });
  assert.deepEqual((await client.listTags("y"))?.tags, ["a"]);
  assert.deepEqual(pool.observed, ["alice 401", "anonymous 200"]);
  assert.ok(!JSON.stringify(exchanges).includes("wrong-horse"));
  const alone = await openTokenRegistry(t, { token }, { identities: [account("alice", "wrong-horse")] });
  const denied = fails(
    "denied",
    /^the token service of registry\.example denies alice: incorrect username or password$/,
  );
  await assert.rejects(alone.client.getManifest("y", "1"), denied);
  await assert.rejects(alone.client.getManifest("y", "1"), denied);
  assert.equal(alone.tokens.length, 1);
});

test("credentials go to the token service and never to the registry", async (t) => {
  const { client, requests, tokens } = await openTokenRegistry(t, {}, { identities: [account("alice")] });
  await client.listTags("y");
  const basic = `Basic ${Buffer.from("alice:correct-horse").toString("base64")}`;
  assert.deepEqual(
    requests.filter(({ headers }) => headers.authorization === basic),
    tokens,
  );
  assert.match(tokens[0]?.url ?? "", /&account=alice$/);
});

test("credentials that cannot be had are told without what was said of them", async (t) => {
  const credentials = () => Promise.reject(new Error("helper printed hunter2"));
  const { client } = await openTokenRegistry(t, {}, { identities: [{ name: "alice", credentials }] });
  const reason = fails("denied", /^the credentials of alice for registry\.example cannot be had$/);
  await assert.rejects(client.listTags("y"), (error: Error) => reason(error) && error.cause === undefined);
});

test("a refresh token is sent in a form of its own, to its first host alone, and never as a password", async (t) => {
  const credentials = async () => ({ username: "00000000", password: "long-lived", isRefreshToken: true });
  const identities = [{ name: "robot", credentials }];
  const { client, tokens } = await openTokenRegistry(t, {}, { identities });
  assert.deepEqual((await client.listTags("y"))?.tags, ["a"]);
  assert.deepEqual(
    tokens.map(({ method, url, headers }) => [method, url, headers["content-type"], headers.authorization]),
    [["POST", "/token", "application/x-www-form-urlencoded", undefined]],
  );
  const token = () => ({ status: 307, location: "/elsewhere", body: "" });
  const moved = await openTokenRegistry(t, { token }, { identities });
  await assert.rejects(
    moved.client.listTags("y"),
    fails("faulty", /the token service of registry\.example answers 307/),
  );
  const basic = await openTokenRegistry(t, { challenge: () => "Basic realm=x" }, { identities });
  await assert.rejects(basic.client.listTags("y"), fails("denied", /denies this to robot/));
});

test("a challenge for Basic is answered with the login itself", async (t) => {
  const challenge = () => 'Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"';
  const basic = `Basic ${Buffer.from("AWS:correct-horse").toString("base64")}`;
  const registry = { challenge, isGood: (header: string | undefined) => header === basic };
  const { client, asked } = await openTokenRegistry(t, registry, { identities: [account("AWS")] });
  await client.listTags("y");
  await client.listTags("y");
  assert.equal(asked.length, 3);
  const wrong = await openTokenRegistry(t, registry, { identities: [account("AWS", "old"), anonymous] });
  await assert.rejects(wrong.client.listTags("y"), fails("denied", /denies this to/));
  assert.ok(wrong.pool.observed.includes("AWS 401"));
});

test("a registry that wants no login is asked for none", async (t) => {
  const { client, asked } = await openTokenRegistry(t, { isGood: () => true }, { identities: [account("alice")] });
  await client.listTags("y");
  assert.deepEqual(asked, ["GET /v2/y/tags/list"]);
});

test("a scope that names no repository is good for all of them", async (t) => {
  const challenge = (host: string) => `Bearer realm="http://${host}/token/",service="public.ecr.aws",scope="aws"`;
  const { client, tokens } = await openTokenRegistry(t, { challenge });
  for (const name of ["a", "b/c", "aws"]) await client.listTags(name);
  assert.deepEqual(
    tokens.map(({ url }) => url),
    ["/token/?scope=aws&service=public.ecr.aws"],
  );
});

test("a token service in clear gets no credentials, unless it is on this machine", async (t) => {
  const challenge = () => 'Bearer realm="http://auth.example/token",service="s"';
  const { client, asked } = await openTokenRegistry(t, { challenge }, { identities: [account("alice")] });
  await assert.rejects(client.listTags("y"), fails("faulty", /token service of .* at auth\.example is not https/));
  assert.equal(asked.length, 1);
});

test("a realm under one of the registry's own names is reached at the owner's address", async (t) => {
  const challenge = () => 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
  const { client, tokens } = await openTokenRegistry(t, { challenge }, { name: "docker.io" });
  await client.listTags("library/httpd");
  assert.equal(tokens[0]?.headers.host, "auth.docker.io");
});

for (const [title, body, reason] of [
  ["a page for browsers", "<html>sign in</html>", /answers what is no token/],
  ["no token", '{"tokens":1}', /gives no token/],
  ["a token with a line break", '{"token":"a\\r\\nx: y"}', /gives no token/],
] as const) {
  test(`a token service that answers ${title} is faulty`, async (t) => {
    const { client } = await openTokenRegistry(t, { token: () => ({ body }) });
    await assert.rejects(client.listTags("y"), fails("faulty", reason));
  });
}

test("a challenge that nobody can answer is faulty", async (t) => {
  const { client } = await openTokenRegistry(t, { challenge: () => "Negotiate" });
  await assert.rejects(client.listTags("y"), fails("faulty", /asks for authentication by negotiate/));
});

test("the limit that a token claims is known before the first pull", async (t) => {
  const claims = { access: [{ parameters: { pull_limit: "200", pull_limit_interval: "21600" } }] };
  const jwt = `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
  const { client, pool } = await openTokenRegistry(t, { token: () => ({ body: JSON.stringify({ token: jwt }) }) });
  const told: unknown[] = [];
  const { observe } = pool;
  pool.observe = (identity, answer) => {
    told.push(answer.headers["ratelimit-limit"]);
    observe(identity, answer);
  };
  await client.listTags("y");
  assert.deepEqual(told, ["200", undefined]);
});
