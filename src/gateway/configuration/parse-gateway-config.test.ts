import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { UsageError } from "../../usage-error.ts";
import { parseGatewayConfig } from "./parse-gateway-config.ts";
import { parseUpstreamOption } from "./parse-upstream-config.ts";

const parse = (text: string) => parseGatewayConfig(text, "gateway.yml");

test("the example of docs/gateway.md says what its comments say", () => {
  const document = readFileSync(join(import.meta.dirname, "../../../docs/gateway.md"), "utf8");
  const [, example = ""] = /^```yaml gateway\.yml\n([\s\S]*?)^```$/m.exec(document) ?? [];
  const config = parse(example);
  assert.deepEqual(config.listen, { host: "127.0.0.1", port: 5000 });
  assert.equal(config.wait, 20_000);
  assert.deepEqual(config.space, { maximumBytes: 50e9, unusedFor: 30 * 24 * 3600 * 1000 });
  assert.deepEqual(config.pins, ["docker.io/library/httpd:2.4"]);
  assert.deepEqual(config.clients, { basic: "secrets/clients", bearer: "secrets/tokens" });
  assert.deepEqual(config.tls, { certificate: "gateway.pem", key: "gateway.key" });
  const [dockerHub, github, quay, own, harbor] = config.upstreams;
  assert.deepEqual(dockerHub, {
    name: "docker.io",
    identities: [{ kind: "anonymous" }, { kind: "password-file", username: "acme", file: "secrets/docker-hub" }],
    tags: [{ match: "library/*:nightly", timeToLive: 60_000 }],
    fallback: "digest",
  });
  assert.deepEqual(github, { name: "ghcr.io", allow: ["acme/*"] });
  assert.deepEqual(quay, { name: "quay.io", allow: [] });
  const environment = [{ kind: "environment" }];
  assert.deepEqual(own, { name: "registry.example", url: "http://10.0.0.5:5000", identities: environment });
  assert.deepEqual(harbor, { name: "harbor.example", ca: "secrets/our-authority.pem" });
});

test("an empty file is a gateway of defaults, and an upstream without a word one of its own", () => {
  assert.deepEqual(parse("# nothing\n"), { upstreams: [], clients: {}, space: {}, pins: [] });
  assert.deepEqual(parse("upstreams:\n  registry.example:\n").upstreams, [{ name: "registry.example" }]);
});

test("each form of an identity is read", () => {
  const forms =
    "[environment, docker-config, {username: a, password: b}, {credentialsFile: f}, {helper: ecr-login}, {secret: s}]";
  assert.deepEqual(parse(`upstreams: {quay.io: {identities: ${forms}}}`).upstreams[0]?.identities, [
    { kind: "environment" },
    { kind: "docker-config" },
    { kind: "account", account: { username: "a", password: "b" } },
    { kind: "credentials-file", file: "f" },
    { kind: "helper", helper: "ecr-login" },
    { kind: "secret", secretId: "s" },
  ]);
});

describe("what is wrong is refused at its place:", () => {
  const cases: [text: string, code: string, place: string, message: RegExp][] = [
    ["listen: 127.0.0.1:5000\nupstream: {}\n", "CONFIG_KEY", "2:1", /no key "upstream".*upstreams/],
    ["upstreams:\n  docker.io:\n    idenities: []\n", "CONFIG_KEY", "3:5", /upstreams\.docker\.io .*identities/],
    ["listen: 5000\n", "CONFIG_VALUE", "1:9", /HOST:PORT/],
    ["upstreams: [docker.io]\n", "CONFIG_VALUE", "1:12", /upstreams is not a mapping/],
    ["upstreams:\n  quay.io: { fallback: tag }\n", "CONFIG_VALUE", "2:24", /no fallback/],
    ["upstreams:\n  docker.io: { fallback: always }\n", "CONFIG_VALUE", "2:26", /digest, tag, off/],
    ["upstreams:\n  docker.io: { identities: [] }\n", "CONFIG_VALUE", "2:28", /nobody could pull/],
    ["upstreams:\n  docker.io: { identities: [{ username: a }] }\n", "CONFIG_VALUE", "2:29", /no identity/],
    ["upstreams:\n  docker.io: { url: ftp://host }\n", "CONFIG_VALUE", "2:21", /http/],
    ["upstreams:\n  acme: {}\n", "CONFIG_VALUE", "2:9", /no name of a registry/],
    [
      "upstreams:\n  docker.io: { tags: [{ match: x, timeToLive: soon }] }\n",
      "CONFIG_VALUE",
      "2:47",
      /no duration: soon/,
    ],
    ["space:\n  maximum: 50\n", "CONFIG_VALUE", "2:12", /no size: 50/],
    ["upstreams:\n  quay.io: { identities: [aws] }\n", "CONFIG_VALUE", "2:27", /no private registry of ECR/],
    ["tls: { key: a }\n", "CONFIG_VALUE", "1:6", /certificate and key/],
    ["pins:\n  - acme/UPPER:y\n", "CONFIG_VALUE", "2:5", /invalid/],
    ["pins: docker.io/library/httpd\n", "CONFIG_VALUE", "1:7", /not a list/],
    ["listen: 127.0.0.1:5000\n  wait: 3s\n", "CONFIG_FILE", "1:9", /./],
    ["wait: 1s\nwait: 2s\n", "CONFIG_FILE", "2:1", /unique/i],
  ];
  for (const [text, code, place, message] of cases) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parse(text),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          const { file, line, column } = error.place;
          assert.deepEqual([error.code, file, `${line}:${column}`], [code, "gateway.yml", place]);
          assert.match(`${error.message} ${error.hint}`, message);
          return true;
        },
      );
    });
  }
});

test("no error shows a password that stands in the file", () => {
  const text = "upstreams: {docker.io: {identities: [{username: a, password: correct-horse, helper: x}]}}";
  assert.throws(
    () => parse(text),
    (error: UsageError) => !`${error.message} ${error.hint}`.includes("correct-horse"),
  );
  const url = "upstreams: {docker.io: {url: 'ftp://a:correct-horse@host'}}";
  assert.throws(
    () => parse(url),
    (error: UsageError) => !`${error.message} ${error.hint}`.includes("correct-horse"),
  );
});

test("--upstream takes each of Docker Hub's names, and no path for a name", () => {
  assert.deepEqual(parseUpstreamOption("index.docker.io=http://127.0.0.1:5100"), {
    name: "docker.io",
    url: "http://127.0.0.1:5100",
  });
  assert.deepEqual(parseUpstreamOption("localhost:5000"), { name: "localhost:5000" });
  for (const text of ["", "=http://x", "a/b", "registry.example/acme=http://x", "-x.y"]) {
    assert.throws(() => parseUpstreamOption(text), { code: "CONFIG_UPSTREAM" });
  }
});
