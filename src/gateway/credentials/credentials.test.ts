import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { configCredentials } from "./config-credentials.ts";
import { openCredentialIdentities } from "./credential-identities.ts";
import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";
import { dockerConfigCredentials, findDockerConfig } from "./docker-config-credentials.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import { fileCredentials } from "./file-credentials.ts";
import { secretCredentials } from "./secret-credentials.ts";

const secret = "hunter2:with:colons";
const alice = { username: "alice", password: secret };

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-credentials-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function write(t: TestContext, content: unknown): string {
  const file = join(temporaryDirectory(t), "config.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const basic = (text: string) => Buffer.from(text).toString("base64");

/** A credential helper that is a real program; it writes down what it was called with. */
function installHelper(t: TestContext, name: string, body: string) {
  const directory = temporaryDirectory(t);
  const calls = join(directory, "calls");
  const file = join(directory, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\nserver=$(cat)\necho "$* <$server>" >> '${calls}'\n${body}\n`);
  chmodSync(file, 0o755);
  const variables = { PATH: `${directory}${delimiter}${process.env.PATH}` };
  return { variables, calls: () => readFileSync(calls, "utf8").trimEnd().split("\n") };
}

async function messageOf(source: CredentialSource): Promise<string> {
  try {
    await source.read();
  } catch (error) {
    assert.ok(error instanceof CredentialsUnavailable, String(error));
    return error.message;
  }
  return assert.fail("read");
}

test("a file holds lines of USER:PASSWORD, JSON, or a list", async (t) => {
  const lines = `# build accounts\nalice:${secret}\n\nteam:s3cret\n`;
  assert.deepEqual(await fileCredentials(write(t, lines)).read(), [alice, { username: "team", password: "s3cret" }]);
  assert.deepEqual(await fileCredentials(write(t, alice)).read(), [alice]);
  assert.deepEqual(await fileCredentials(write(t, [alice, { username: "b", accessToken: "c" }])).read(), [
    alice,
    { username: "b", password: "c" },
  ]);
});

test("a faulty source is named, and nothing that it holds is shown", async (t) => {
  for (const content of ["hunter2", "{ hunter2", `{"password":"hunter2"}`, "alice:", '[null,"hunter2"]']) {
    const file = write(t, content);
    const message = await messageOf(fileCredentials(file));
    assert.ok(message.includes(file) && !message.includes("hunter2"), message);
  }
  for (const content of ["{ hunter2", '"hunter2"', { auths: { "docker.io": { auth: basic("hunter2") } } }]) {
    const file = write(t, content);
    const message = await messageOf(dockerConfigCredentials("docker.io", file, { variables: {} }));
    assert.ok(message.includes(file) && !message.includes("hunter2") && !message.includes(basic("hunter2")), message);
  }
});

test("the environment holds one account, or names a file of several", async (t) => {
  const prefix = "CHUBO_UPSTREAM_DOCKER_IO";
  const pair = { [`${prefix}_USERNAME`]: "alice", [`${prefix}_PASSWORD`]: secret };
  assert.deepEqual(await environmentCredentials("docker.io", pair).read(), [alice]);
  const variables = { ...pair, [`${prefix}_CREDENTIALS_FILE`]: write(t, "team:s3cret") };
  assert.equal((await environmentCredentials("docker.io", variables).read()).length, 2);
  assert.deepEqual(await environmentCredentials("quay.io", pair).read(), []);
  const message = await messageOf(environmentCredentials("docker.io", { [`${prefix}_PASSWORD`]: secret }));
  assert.match(message, /only mean something together/);
});

test("docker's config holds Docker Hub under any of its names, the usual one first", async (t) => {
  const read = (config: object) => dockerConfigCredentials("docker.io", write(t, config), { variables: {} }).read();
  const auth = basic(`alice:${secret}`);
  for (const key of ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io", "index.docker.io"]) {
    assert.deepEqual(await read({ auths: { [key]: { auth } } }), [alice]);
  }
  const two = { "docker.io": { auth: basic("old:x") }, "https://index.docker.io/v1/": { auth } };
  assert.deepEqual(await read({ auths: two }), [alice]);
  assert.deepEqual(await read({ auths: { "ghcr.io": { auth } } }), []);
  assert.deepEqual(await read({ auths: { "docker.io": {} } }), []);
});

test("an identity token of docker's config is a refresh token", async (t) => {
  const auths = { "https://index.docker.io/v1/": { auth: basic("alice:"), identitytoken: "opaque" } };
  const source = dockerConfigCredentials("docker.io", write(t, { auths }), { variables: {} });
  assert.deepEqual(await source.read(), [{ username: "alice", password: "opaque", isRefreshToken: true }]);
});

test("a docker config that is not there holds nothing", async () => {
  assert.deepEqual(await dockerConfigCredentials("docker.io", "/nowhere/config.json", { variables: {} }).read(), []);
  assert.equal(
    findDockerConfig({ DOCKER_CONFIG: "/etc/docker-login", HOME: "/root" }),
    "/etc/docker-login/config.json",
  );
  assert.equal(findDockerConfig({ HOME: "/root" }), "/root/.docker/config.json");
  assert.equal(findDockerConfig({}), undefined);
});

test("a credential helper is asked with the server on stdin, and its arguments hold nothing but the verb", async (t) => {
  const { variables, calls } = installHelper(
    t,
    "store",
    `echo '${JSON.stringify({ ServerURL: "x", Username: "alice", Secret: secret })}'`,
  );
  const file = write(t, { auths: { "https://index.docker.io/v1/": {} }, credsStore: "store" });
  assert.deepEqual(await dockerConfigCredentials("docker.io", file, { variables }).read(), [alice]);
  assert.deepEqual(calls(), ["get <https://index.docker.io/v1/>"]);
});

test("a credential helper is not given the accounts of the environment", async (t) => {
  const { variables } = installHelper(
    t,
    "store",
    'echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"<$CHUBO_UPSTREAM_DOCKER_IO_PASSWORD>\\"}"',
  );
  const surroundings = { variables: { ...variables, CHUBO_UPSTREAM_DOCKER_IO_PASSWORD: secret } };
  const source = dockerConfigCredentials("docker.io", write(t, { credsStore: "store" }), surroundings);
  assert.deepEqual(await source.read(), [{ username: "u", password: "<>" }]);
});

test("a registry's own credential helper goes before the store for all", async (t) => {
  const { variables, calls } = installHelper(t, "own", `echo '{"Username":"<token>","Secret":"opaque"}'`);
  const file = write(t, { credHelpers: { "docker.io": "own" }, credsStore: "missing" });
  const found = await dockerConfigCredentials("docker.io", file, { variables }).read();
  assert.deepEqual(found, [{ username: "<token>", password: "opaque", isRefreshToken: true }]);
  assert.deepEqual(calls(), ["get <docker.io>"]);
});

test("what a helper does not know may stand in the file", async (t) => {
  const { variables } = installHelper(t, "store", "echo 'credentials not found in native keychain'; exit 1");
  const auths = { "https://index.docker.io/v1/": { auth: basic(`alice:${secret}`) } };
  assert.deepEqual(
    await dockerConfigCredentials("docker.io", write(t, { auths, credsStore: "store" }), { variables }).read(),
    [alice],
  );
});

test("a helper that fails or is not there is named, and what it printed is not shown", async (t) => {
  for (const body of ["echo hunter2; echo hunter2 >&2; exit 3", "echo hunter2", `echo '{"Secret":"hunter2"}'`]) {
    const { variables } = installHelper(t, "store", body);
    const message = await messageOf(
      dockerConfigCredentials("docker.io", write(t, { credsStore: "store" }), { variables }),
    );
    assert.ok(message.includes("docker-credential-store") && !message.includes("hunter2"), message);
  }
  const missing = dockerConfigCredentials("docker.io", write(t, { credsStore: "no-such" }), { variables: {} });
  assert.match(await messageOf(missing), /docker-credential-no-such cannot be run: ENOENT/);
  const outside = dockerConfigCredentials("docker.io", write(t, { credsStore: "../../bin/sh" }), { variables: {} });
  assert.match(await messageOf(outside), /no valid name/);
});

test("a secret of Secrets Manager has username and password, or accessToken", async () => {
  const read = (value: string | undefined) => secretCredentials("hub", async () => value);
  assert.deepEqual(await read(JSON.stringify(alice)).read(), [alice]);
  assert.deepEqual(await read(JSON.stringify({ username: "alice", accessToken: secret })).read(), [alice]);
  assert.match(await messageOf(read(undefined)), /the secret hub has no text/);
  const denied = secretCredentials("hub", () => Promise.reject(new Error("not authorized")));
  assert.match(await messageOf(denied), /the secret hub cannot be read: Error: not authorized/);
});

test("each account of the sources is one identity, whose credentials are read at use and kept for some minutes", async () => {
  const clock = { time: 0 };
  const held = { password: "first", reads: 0 };
  const changing: CredentialSource = {
    description: "the vault",
    async read() {
      held.reads += 1;
      return [{ username: "alice", password: held.password }];
    },
  };
  const sources = [changing, configCredentials([alice, { username: "team", password: "x" }])];
  const identities = await openCredentialIdentities(sources, { now: () => clock.time, onUnavailable: assert.fail });
  assert.deepEqual(
    identities.map(({ name }) => name),
    ["alice", "team"],
  );
  const [identity] = identities;
  const password = async () => (await identity?.credentials?.())?.password;
  assert.equal(await password(), "first");
  held.password = "second";
  assert.equal(await password(), "first");
  clock.time += 5 * 60_000;
  assert.equal(await password(), "second");
  assert.equal(held.reads, 3);
  // Just read: a refusal of these would be the same again.
  assert.equal(identity?.discardCredentials?.(), false);
  await password();
  clock.time += 60_000;
  held.password = "third";
  assert.equal(identity?.discardCredentials?.(), true);
  assert.equal(await password(), "third");
});

test("a source that cannot be read gives no identity and is reported; the others go on", async () => {
  const broken: CredentialSource = {
    description: "the vault",
    read: () => Promise.reject(new CredentialsUnavailable("the vault is closed")),
  };
  const reported: string[] = [];
  const onUnavailable = ({ message }: Error) => void reported.push(message);
  const identities = await openCredentialIdentities([broken, configCredentials([alice])], {
    now: () => 0,
    onUnavailable,
  });
  assert.deepEqual(
    identities.map(({ name }) => name),
    ["alice"],
  );
  assert.deepEqual(reported, ["the vault is closed"]);
});
