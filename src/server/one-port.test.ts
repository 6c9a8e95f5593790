import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectThrough, handlers, openPortBench, send, withServer } from "../../test/fixtures/port-bench.ts";
import { UsageError } from "../usage-error.ts";

const { openPort, withPort, openTls, close } = await openPortBench();
after(close);

const signed = { authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20261124/us-east-1/sts/aws4_request" };

for (const [what, path, headers, route] of [
  ["a signature", "/", signed, "aws"],
  ["a signature, whatever the host and path", "/v2/", { ...signed, host: "registry-1.docker.io" }, "aws"],
  ["an AWS host without signature", "/", { host: "sts.us-east-1.amazonaws.com" }, "aws"],
  [
    "the registry's host",
    "/v2/app/tags/list",
    { host: "123456789012.dkr.ecr.us-east-1.amazonaws.com:443" },
    "registry",
  ],
  ["the path /v2/ alone", "/v2/", {}, "registry"],
  ["an upstream registry's host", "/token?service=x", { host: "AUTH.docker.io" }, "gateway auth.docker.io"],
  ["an internal path", "/_chubo/health", {}, "internal"],
] as [string, string, Record<string, string>, string][]) {
  test(`knows by ${what} that a request is for ${route}`, async () => {
    await withPort(async ({ port }) => {
      const answer = await send(port, path, { headers });
      assert.equal(answer.json.route, route);
      assert.equal(answer.json.url, path);
    });
  });
}

test("gives the gateway the pulls at its own address that it takes, and internal paths to whom they belong", async () => {
  const gateway = {
    ...handlers.gateway,
    takes: (path: string, query: string) => /^\/v2\/docker\.io\//.test(path) || query === "ns=x",
  };
  const internal = { ...handlers.internal, servesPath: (path: string) => path === "/healthz" };
  await withPort(
    async ({ port }) => {
      const routeOf = async (path: string) => (await send(port, path)).json.route;
      assert.equal(await routeOf("/v2/docker.io/library/httpd/manifests/2.4"), "gateway 127.0.0.1");
      assert.equal(await routeOf("/v2/app/manifests/1?ns=x"), "gateway 127.0.0.1");
      assert.equal(await routeOf("/v2/app/manifests/1"), "registry");
      assert.equal(await routeOf("/healthz?now"), "internal");
    },
    { handlers: { ...handlers, gateway, internal } },
  );
});

test("says what it is to a request that is for none of its parts", async () => {
  await withPort(async ({ port }) => {
    for (const path of ["/", "/v20/", "/_chubo"]) {
      const answer = await send(port, path, { method: "POST", body: Buffer.from("hello") });
      assert.equal(answer.status, 404);
      assert.match(answer.text, /AWS endpoint.*registry.*proxy/);
    }
  });
});

test("answers 500 for a defect, and reports it", async () => {
  const defects: unknown[] = [];
  await withPort(
    async ({ port }) => {
      assert.equal((await send(port, "/_chubo/defect")).status, 500);
      assert.equal((defects[0] as Error).message, "broken part");
    },
    { onDefect: (error) => void defects.push(error) },
  );
});

test("routes absolute-form requests for served hosts and for itself like all others", async () => {
  await withPort(async ({ port }) => {
    const sts = await send(port, "http://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity");
    assert.deepEqual(
      [sts.json.route, sts.json.url, sts.json.host],
      ["aws", "/?Action=GetCallerIdentity", "sts.us-east-1.amazonaws.com"],
    );
    const own = await send(port, `http://localhost:${port}/v2/`);
    assert.equal(own.json.route, "registry");
    assert.equal((await send(port, "https://example.org/")).status, 400);
  });
});

test("refuses a busy port by name, and takes the next free one where it may", async () => {
  await withPort(async ({ port }) => {
    await assert.rejects(openPort({ port }), (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "CONFIG_PORT_BUSY");
      assert.match(error.message, new RegExp(`\\b${port}\\b`));
      assert.match(error.hint ?? "", /--port/);
      return true;
    });
    const next = await openPort({ port, nextFree: true });
    assert.notEqual(next.port, port);
    await next.close();
  });
});

test("refuses an address that is not this machine's", async () => {
  await assert.rejects(openPort({ host: "192.0.2.1" }), { code: "CONFIG_HOST" });
});

test("ends open tunnels, TLS connections and requests at once when it is closed", async () => {
  await withServer(
    () => {},
    async (to) => {
      const hanging = { ...handlers, internal: { handle: () => new Promise<void>(() => {}) } };
      const ended: unknown[] = [];
      const port = await openPort({ handlers: hanging, onTunnel: (record) => void ended.push(record) });
      const { socket } = await connectThrough(port.port, `127.0.0.1:${to}`);
      const secure = await openTls(port.port, "auth.docker.io");
      const request = send(port.port, "/_chubo/hangs");
      const closed = [socket, secure].map(
        (one) =>
          new Promise((resolve) =>
            one
              .resume()
              .on("error", () => {})
              .on("close", resolve),
          ),
      );
      socket.on("end", () => socket.end());
      await Promise.all([
        assert.rejects(request),
        new Promise((resolve) => setImmediate(resolve)).then(() => port.close()),
      ]);
      await Promise.all(closed);
      assert.equal(ended.length, 1);
      await assert.rejects(send(port.port, "/"), /ECONNREFUSED/);
    },
  );
});
