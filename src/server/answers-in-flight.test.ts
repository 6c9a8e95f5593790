import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage, request as openRequest } from "node:http";
import { connect } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { type GatewayTest, openGatewayTest } from "../../test/fixtures/gateway-server.ts";
import { openPortBench, send } from "../../test/fixtures/port-bench.ts";
import { digestOf } from "../oci/digest.ts";

/** Longer than any test: what ends before is over by itself. */
const long = 120_000;

async function openBench(t: TestContext) {
  const bench = await openPortBench();
  const port = await bench.openPort();
  t.after(async () => {
    await port.close();
    bench.close();
  });
  return { ...bench, port };
}

/** Path and digest of a blob of 40 MiB, more than the kernel keeps for a client. */
async function largeBlob(gateway: GatewayTest) {
  const manifest = async (name: string) =>
    JSON.parse((await gateway.send(`/v2/chubo/big/manifests/${name}`)).body.toString());
  const { layers } = await manifest((await manifest("200mb")).manifests[0].digest);
  const { digest } = layers[0];
  return { path: `/v2/chubo/big/blobs/${digest}`, digest };
}

/** A client that has begun to read, and stops. */
async function beginReading(gateway: GatewayTest, path: string): Promise<IncomingMessage> {
  const request = get({ host: "127.0.0.1", port: gateway.server.port.port, path, agent: false });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  await once(answer, "readable");
  return answer;
}

describe("a port that is told to end", () => {
  test("sends a blob to its end to a client that is slow, while it takes no further connection", async (t) => {
    const gateway = await openGatewayTest(t);
    const { path, digest } = await largeBlob(gateway);
    const answer = await beginReading(gateway, path);
    const drained = gateway.server.port.drain({ milliseconds: long }).then(() => "drained");
    await assert.rejects(gateway.send("/v2/"), /ECONNREFUSED/);
    assert.equal(await Promise.race([drained, new Promise((resolve) => setImmediate(resolve))]), undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    assert.equal(digestOf(Buffer.concat(chunks)), digest);
    assert.equal(await drained, "drained");
  });

  test("is not held beyond its time by a client that reads nothing", async (t) => {
    const gateway = await openGatewayTest(t);
    const { path, digest } = await largeBlob(gateway);
    const answer = await beginReading(gateway, path);
    await gateway.server.port.drain({ milliseconds: 20 });
    await gateway.server.port.close();
    const chunks: Buffer[] = [];
    await assert.rejects(async () => {
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    }, /aborted/);
    assert.notEqual(digestOf(Buffer.concat(chunks)), digest);
    assert.deepEqual(gateway.defects, []);
  });

  test("waits no longer when it is told again", async (t) => {
    const gateway = await openGatewayTest(t);
    const { path } = await largeBlob(gateway);
    const answer = await beginReading(gateway, path);
    answer.on("error", () => undefined);
    const again = new AbortController();
    const drained = gateway.server.port.drain({ milliseconds: long, hurry: again.signal });
    again.abort();
    await drained;
  });

  test("receives an upload to its end, answers it, and closes the connection behind it", async (t) => {
    const { port } = await openBench(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const headers = { expect: "100-continue" };
    const upload = openRequest({ port: port.port, path: "/v2/app/blobs/uploads/1", method: "PATCH", agent, headers });
    upload.flushHeaders();
    // The request has arrived.
    await once(upload, "continue");
    upload.write("first, ");
    const drained = port.drain({ milliseconds: long });
    upload.end("second");
    const [answer] = (await once(upload, "response")) as [IncomingMessage];
    assert.equal(answer.headers.connection, "close");
    let text = "";
    for await (const chunk of answer) text += chunk;
    assert.equal(`sha256:${JSON.parse(text).body}`, digestOf("first, second"));
    await drained;
  });

  test("ends idle connections at once, beside the one that still reads", async (t) => {
    const gateway = await openGatewayTest(t);
    const { path } = await largeBlob(gateway);
    const idle = connect(gateway.server.port.port, "127.0.0.1");
    idle.write("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
    await once(idle, "data");
    const answer = await beginReading(gateway, path);
    const drained = gateway.server.port.drain({ milliseconds: long });
    await once(idle.resume(), "close");
    for await (const _ of answer);
    await drained;
  });

  test("has nothing to wait for where nobody asks", async (t) => {
    const { port, openTls } = await openBench(t);
    const secure = await openTls(port.port, "auth.docker.io");
    secure.on("error", () => undefined);
    await port.drain({ milliseconds: long });
    await assert.rejects(send(port.port, "/v2/"), /ECONNREFUSED/);
  });
});
