import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createHttpUpstream } from "../gateway/upstream/upstream.ts";
import { mintAuthority, mintLeaf } from "./mint-certificate.ts";

const authority = mintAuthority(new Date());

function createServer(scheme: "http" | "https", answer: RequestListener) {
  if (scheme === "http") return createHttpServer(answer);
  const { certificate, privateKey } = mintLeaf("localhost", authority, new Date());
  return createHttpsServer({ cert: certificate, key: privateKey }, answer);
}

/** Serves `bodies[N]` at `/N`; tells how many connections there were. */
async function openBench(t: TestContext, scheme: "http" | "https", bodies: readonly Buffer[]) {
  const server = createServer(scheme, ({ url = "" }, response) => response.end(bodies[Number(url.slice(1))]));
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const upstream = createHttpUpstream({
    baseUrl: () => `${scheme}://localhost:${port}`,
    silenceMilliseconds: 10_000,
    ca: [authority.certificate],
  });
  t.after(() => {
    upstream.close();
    server.close();
    server.closeAllConnections();
  });
  const { signal } = new AbortController();
  const ask = async (number: number): Promise<Readable> =>
    (await upstream.ask({ host: "localhost", method: "GET", path: `/${number}`, headers: {}, body: undefined, signal }))
      .body;
  return { ask, connections: () => connections };
}

async function readSlowly(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    await setTimeout(5);
  }
  return Buffer.concat(chunks);
}

describe("connections to an upstream", () => {
  for (const scheme of ["http", "https"] as const) {
    test(`bring each its own bytes over ${scheme}, however fast they are read, and are used again`, async (t) => {
      const bodies = Array.from({ length: 6 }, () => randomBytes(2 * 1024 * 1024));
      const { ask, connections } = await openBench(t, scheme, bodies);
      const readAll = async () => {
        const read = bodies.map(async (_, number) => {
          const body = await ask(number);
          return number % 2 === 0 ? readSlowly(body) : Buffer.concat(await body.toArray());
        });
        for (const [number, bytes] of (await Promise.all(read)).entries()) {
          assert.ok(bytes.equals(bodies[number] as Buffer), `body ${number}`);
        }
        return connections();
      };
      await readAll();
      // Over https the second round opens some more.
      const opened = await readAll();
      assert.equal(await readAll(), opened);
    });
  }
});
