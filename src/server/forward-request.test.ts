import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after, test } from "node:test";
import { freePort, openPortBench, send, tell, withServer } from "../../test/fixtures/port-bench.ts";

const { withPort, close } = await openPortBench();
after(close);

test("forwards a plain request to a host that it does not serve, both bodies whole, and counts it", async () => {
  const body = randomBytes(3_000_000);
  const host = createServer(async (request, response) => {
    response.setHeader("x-proxy-secret", String(request.headers["proxy-authorization"]));
    await tell("origin", request, response);
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  const to = (host.address() as AddressInfo).port;
  const ended = Promise.withResolvers<unknown>();
  try {
    await withPort(
      async ({ port }) => {
        const headers = { host: `127.0.0.1:${to}`, "proxy-authorization": "Basic c2VjcmV0" };
        const answer = await send(port, `http://127.0.0.1:${to}/pool/a%2Bb?x=1`, { method: "POST", headers, body });
        assert.equal(answer.json.route, "origin");
        assert.equal(answer.json.url, "/pool/a%2Bb?x=1");
        assert.equal(answer.json.body, createHash("sha256").update(body).digest("hex"));
        const bytesDown = Buffer.byteLength(answer.text);
        const expected = { kind: "forward", host: "127.0.0.1", port: to, bytesUp: body.length, bytesDown, time: 7 };
        assert.deepEqual(await ended.promise, expected);
      },
      { onTunnel: ended.resolve, now: () => new Date(7) },
    );
  } finally {
    await new Promise((resolve) => host.close(resolve));
  }
});

test("breaks a forwarded answer off where the host does, and says when it cannot be reached", async () => {
  const serve = (socket: Socket) =>
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => setTimeout(() => socket.destroy(), 5));
    });
  await withServer(serve, (to) =>
    withPort(async ({ port }) => {
      await assert.rejects(send(port, `http://127.0.0.1:${to}/`), /aborted|hang up|ECONNRESET/);
      const closed = await freePort();
      const answer = await send(port, `http://127.0.0.1:${closed}/`, { method: "POST", body: randomBytes(2_000_000) });
      assert.equal(answer.status, 502);
      assert.match(answer.text, /cannot be reached: .*ECONNREFUSED/);
    }),
  );
});
