import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { type SimulatorOptions, startDockerHubSimulator } from "../docker-hub/simulator.ts";
import type { LimitAnswer } from "../gateway/ask-limit.ts";
import { listLimitReadings } from "../server/limit-readings.ts";
import { runProgram } from "./program.ts";

const prefix = "CHUBO_UPSTREAM_DOCKER_IO";
const password = "correct-horse";

interface LimitResult {
  upstream: string;
  identities: LimitAnswer[];
  below: string[];
}

/** The command line as a user types it, in an empty directory and home. */
function openShell(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-limit-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    state: join(directory, ".chubo"),
    async run(words: string[], variables: Record<string, string> = {}) {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const view = { stdin: Readable.from([]), stdout, stderr, currentDirectory: directory };
      const status = await runProgram(words, { ...view, variables: { HOME: directory, NO_COLOR: "1", ...variables } });
      return { status, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
    },
  };
}

async function openSimulated(t: TestContext, options: Partial<SimulatorOptions> = {}) {
  const simulator = await startDockerHubSimulator({
    accounts: [
      { user: "alice", password, tier: "personal" },
      { user: "acme", password, tier: "team" },
    ],
    clientAddress: "203.0.113.10",
    now: Date.now,
    ...options,
  });
  t.after(() => simulator.stop());
  const shell = openShell(t);
  const upstream = ["--upstream", `docker.io=${simulator.url}`];
  const limit = (words: string[] = [], variables?: Record<string, string>) =>
    shell.run(["limit", ...upstream, ...words], variables);
  return { ...shell, simulator, limit };
}

const asAlice = { [`${prefix}_USERNAME`]: "alice", [`${prefix}_PASSWORD`]: password };
const resultOf = ({ out }: { out: string }) => JSON.parse(out) as LimitResult;

test("chubo limit says what is left for the address and each account, and spends nothing", async (t) => {
  const { limit, simulator, directory, state } = await openSimulated(t, { remaining: 42 });
  const file = join(directory, "accounts");
  writeFileSync(file, `acme:${password}\n`);
  const variables = { ...asAlice, [`${prefix}_CREDENTIALS_FILE`]: file };
  const answer = await limit([], variables);
  assert.equal(answer.status, 0, answer.err);
  assert.match(answer.out, /^anonymous +42 of 100 +6 h +203\.0\.113\.10 +\d{4}-/m);
  assert.match(answer.out, /^alice +200 of 200 +6 h /m);
  assert.match(answer.out, /^acme +unlimited +- +- /m);
  assert.match(answer.out, /^acme: the answer has no limit headers, so its pulls are not limited\.$/m);
  assert.equal(resultOf(await limit(["--json"])).identities[0]?.remaining, 42);
  const asked = simulator.requests().map(({ host, method, path }) => `${host} ${method} ${path}`);
  assert.deepEqual([...new Set(asked)].sort(), [
    "auth.docker.io GET /token",
    "registry-1.docker.io HEAD /v2/ratelimitpreview/test/manifests/latest",
  ]);
  assert.deepEqual(
    listLimitReadings(state).map(({ identity, remaining }) => [identity, remaining]),
    [
      ["anonymous", 42],
      ["alice", 200],
      ["anonymous", 42],
    ],
  );
  assert.equal(readFileSync(join(state, ".gitignore"), "utf8"), "*\n");
});

test("fewer pulls than --fail-below end with 1 and say whose they are; an unlimited account is never below", async (t) => {
  const { limit } = await openSimulated(t, { remaining: 19 });
  assert.equal((await limit(["--fail-below", "19"], asAlice)).status, 0);
  const answer = await limit(["--fail-below", "20", "--json"], asAlice);
  assert.equal(answer.status, 1);
  assert.match(answer.err, /anonymous has 19 pulls left, fewer than 20/);
  assert.deepEqual(resultOf(answer).below, ["anonymous"]);
  const acme = { [`${prefix}_USERNAME`]: "acme", [`${prefix}_PASSWORD`]: password };
  assert.equal((await limit(["--fail-below", "1000", "--account", "acme"], acme)).status, 0);
});

test("--account asks only as those, and one that nobody knows credentials of is a usage error", async (t) => {
  const { limit } = await openSimulated(t);
  const answer = await limit(["--account", "alice", "--json"], asAlice);
  assert.deepEqual(
    resultOf(answer).identities.map(({ identity }) => identity),
    ["alice"],
  );
  const unknown = await limit(["--account", "bob"], asAlice);
  assert.equal(unknown.status, 2);
  assert.match(unknown.err, /no credentials were found for bob at docker\.io .*CONFIG_UPSTREAM_ACCOUNT/);
});

test("a refused login is said without its password, and ends with 1 while the address is told", async (t) => {
  const { limit } = await openSimulated(t);
  const answer = await limit([], { ...asAlice, [`${prefix}_PASSWORD`]: "hunter2" });
  assert.equal(answer.status, 1);
  assert.match(answer.out, /^alice +login refused/m);
  assert.match(answer.out, /^alice: Docker Hub refuses the login: incorrect username or password$/m);
  assert.match(answer.out, /^anonymous +100 of 100/m);
  assert.ok(!`${answer.out}${answer.err}`.includes("hunter2"));
});

test("a window that the token claims otherwise than the answer is pointed out", async (t) => {
  const { limit } = await openSimulated(t, { headerWindow: 3600, tokenWindow: 21_600 });
  assert.match((await limit()).out, /^anonymous: the answer says a window of 1 h, the token one of 6 h; which one/m);
  const [anonymous] = resultOf(await limit(["--json"])).identities;
  assert.deepEqual([anonymous?.windowSeconds, anonymous?.tokenClaim?.windowSeconds], [3600, 21_600]);
});

test("an account of docker's config is found through its credential helper", async (t) => {
  const { limit, directory } = await openSimulated(t);
  const helper = join(directory, "docker-credential-test");
  writeFileSync(helper, `#!/bin/sh\ncat > /dev/null\necho '{"Username":"alice","Secret":"${password}"}'\n`);
  chmodSync(helper, 0o755);
  writeFileSync(join(directory, "config.json"), JSON.stringify({ credsStore: "test" }));
  const variables = { DOCKER_CONFIG: directory, PATH: `${directory}${delimiter}${process.env.PATH}` };
  assert.match((await limit([], variables)).out, /^alice +200 of 200/m);
});

test("a source of accounts that cannot be read is noted, and the others are asked", async (t) => {
  const { limit, directory } = await openSimulated(t);
  writeFileSync(join(directory, "config.json"), "{ hunter2");
  const answer = await limit([], { ...asAlice, DOCKER_CONFIG: directory });
  assert.equal(answer.status, 0);
  assert.match(answer.err, /^note: the docker config .*config\.json is not a JSON object$/m);
  assert.match(answer.out, /^alice +200 of 200/m);
});

test("without a network chubo limit ends with 1, says what cannot be reached and keeps no reading", async (t) => {
  const { run, state } = openShell(t);
  const answer = await run(["limit", "--upstream", "docker.io=http://127.0.0.1:1"]);
  assert.equal(answer.status, 1);
  assert.match(answer.out, /^anonymous: docker\.io cannot be reached: .*ECONNREFUSED/m);
  assert.equal(existsSync(state), false);
});

test("an answer of 429 to a request that is never counted is told as such", async (t) => {
  const server = createServer((request, response) => {
    const isToken = request.url?.startsWith("/token") === true;
    response.writeHead(isToken ? 200 : 429).end(isToken ? '{"token":"opaque"}' : "Too Many Requests (HAP429).\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const answer = await openShell(t).run(["limit", "--upstream", `docker.io=http://127.0.0.1:${port}`]);
  assert.equal(answer.status, 1);
  assert.match(answer.out, /^anonymous +not told/m);
  assert.match(answer.out, /^anonymous: the registry answers 429 to a request of any kind$/m);
});

test("a refresh token of docker's config is exchanged as such, never sent as a password", async (t) => {
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    let form = "";
    for await (const chunk of request) form += chunk;
    heard.push(`${request.method} ${request.headers.authorization ?? ""} ${form}`);
    response.end('{"access_token":"opaque"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { run, directory } = openShell(t);
  const auths = { "docker.io": { auth: Buffer.from("alice:").toString("base64"), identitytoken: "refresh-me" } };
  writeFileSync(join(directory, "config.json"), JSON.stringify({ auths }));
  const words = ["limit", "--upstream", `docker.io=http://127.0.0.1:${port}`, "--account", "alice"];
  assert.match((await run(words, { DOCKER_CONFIG: directory })).out, /^alice +unlimited/m);
  assert.equal(
    heard[0],
    "POST  service=registry.docker.io&scope=repository%3Aratelimitpreview%2Ftest%3Apull&grant_type=refresh_token&client_id=chubo&refresh_token=refresh-me",
  );
  assert.match(heard[1] ?? "", /^HEAD Bearer opaque/);
});

test("a registry that tells no limit, a faulty URL and a faulty number are usage errors", async (t) => {
  const { run } = openShell(t);
  for (const words of [
    ["--upstream", "public.ecr.aws"],
    ["--upstream", "docker.io=nowhere"],
    ["--fail-below", "few"],
  ]) {
    const answer = await run(["limit", ...words]);
    assert.equal(answer.status, 2, answer.err);
    assert.match(answer.err, /\[CONFIG_(UPSTREAM|NUMBER)\]/);
  }
});
