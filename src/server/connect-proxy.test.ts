import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { connectThrough, freePort, handlers, openPortBench, send, withServer } from "../../test/fixtures/port-bench.ts";

const { withPort, openTls, close } = await openPortBench();
after(close);

test("opens the TLS of a host that it serves, for a client that trusts only its authority", async () => {
  await withPort(async ({ port, tunnels }) => {
    const socket = await openTls(port, "registry-1.docker.io", { ALPNProtocols: ["h2", "http/1.1"] });
    assert.equal(socket.alpnProtocol, "http/1.1");
    const headers = { host: "registry-1.docker.io" };
    const { json } = await send(port, "/v2/library/httpd/manifests/latest", { socket, headers });
    assert.equal(json.route, "gateway registry-1.docker.io");
    assert.equal(json.via, "registry-1.docker.io");
    assert.deepEqual(tunnels(), []);
  });
});

test("shows the certificate of the name in the handshake", async () => {
  await withPort(async ({ port }) => {
    const socket = await openTls(port, "registry-1.docker.io", { servername: "auth.docker.io" });
    assert.equal(socket.getPeerCertificate().subjectaltname, "DNS:auth.docker.io");
    socket.destroy();
  });
});

test("takes a large upload through TLS whole", async () => {
  await withPort(async ({ port }) => {
    const body = randomBytes(12_000_000);
    const socket = await openTls(port, "123456789012.dkr.ecr.us-east-1.amazonaws.com");
    const headers = { host: "123456789012.dkr.ecr.us-east-1.amazonaws.com", expect: "100-continue" };
    const { json } = await send(port, "/v2/app/blobs/uploads/1", { method: "PUT", socket, headers, body });
    assert.equal(json.body, createHash("sha256").update(body).digest("hex"));
  });
});

test("passes what it does not serve on byte for byte, and counts it", async () => {
  const up = randomBytes(50_000_000);
  const down = randomBytes(1_000_000);
  let received = "";
  const serve = (socket: Socket) => {
    const hash = createHash("sha256");
    socket.on("data", (chunk) => hash.update(chunk));
    // The answer begins when the client has ended its side: each direction ends on its own.
    socket.on("end", () => {
      received = hash.digest("hex");
      socket.end(down);
    });
  };
  const ended = Promise.withResolvers<unknown>();
  await withServer(serve, (to) =>
    withPort(
      async ({ port, tunnels }) => {
        const { head, socket } = await connectThrough(port, `127.0.0.1:${to}`);
        assert.match(head, /^HTTP\/1.1 200 /);
        assert.equal(tunnels().length, 1);
        socket.end(up);
        const chunks: Buffer[] = [];
        for await (const chunk of socket) chunks.push(chunk as Buffer);
        assert.equal(received, createHash("sha256").update(up).digest("hex"));
        assert.ok(Buffer.concat(chunks).equals(down));
        const expected = {
          kind: "tunnel",
          host: "127.0.0.1",
          port: to,
          bytesUp: up.length,
          bytesDown: down.length,
          time: 7,
        };
        assert.deepEqual(await ended.promise, expected);
        assert.deepEqual(tunnels(), [expected]);
      },
      { onTunnel: ended.resolve, now: () => new Date(7) },
    ),
  );
});

test("passes other ports of a served host on unopened", async () => {
  const serving = { ...handlers, gateway: { ...handlers.gateway, serves: (host: string) => host === "localhost" } };
  await withServer(
    (socket) => socket.end("not TLS at all"),
    (to) =>
      withPort(
        async ({ port }) => {
          const { socket } = await connectThrough(port, `localhost:${to}`);
          let text = "";
          for await (const chunk of socket) text += chunk;
          assert.equal(text, "not TLS at all");
          socket.destroy();
        },
        { handlers: serving },
      ),
  );
});

test("says in its answer to CONNECT why a host cannot be reached", async () => {
  await withPort(async ({ port }) => {
    const closed = await freePort();
    const { head } = await connectThrough(port, `127.0.0.1:${closed}`);
    assert.match(head, /^HTTP\/1.1 502 [\s\S]*cannot be reached: .*ECONNREFUSED/);
    assert.match((await connectThrough(port, "no-port")).head, /^HTTP\/1.1 400 /);
  });
});

test("survives clients and hosts that reset their connections at any point", async () => {
  const serve = (socket: Socket) => void setTimeout(() => socket.resetAndDestroy(), 5);
  await withServer(serve, (to) =>
    withPort(async ({ port }) => {
      for (const target of [`127.0.0.1:${to}`, "registry-1.docker.io:443"]) {
        for (const text of [
          "",
          `CONNECT ${target}`,
          `CONNECT ${target} HTTP/1.1\r\n\r\n`,
          `CONNECT ${target} HTTP/1.1\r\n\r\nx`,
        ]) {
          await new Promise<void>((resolve) => {
            const socket = connect({ port, host: "127.0.0.1" }, () => {
              socket.write(text, () => setImmediate(() => socket.resetAndDestroy()));
            });
            socket.on("error", () => {}).on("close", () => resolve());
          });
        }
      }
      const { socket } = await connectThrough(port, `127.0.0.1:${to}`);
      socket.resume();
      await new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
      assert.equal((await send(port, "/_chubo/health")).json.route, "internal");
    }),
  );
});
