import assert from "node:assert/strict";
import { type IncomingHttpHeaders, request } from "node:http";
import { type TestContext, test } from "node:test";
import { digestOf } from "../oci/digest.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import type { Fault, FaultRule } from "./fault.ts";
import { startDockerHubSimulator } from "./simulator.ts";

const latest = "/v2/library/httpd/manifests/latest";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body ended before its announced length. */
  isCut: boolean;
}

async function openSimulator(t: TestContext, faults: readonly FaultRule[] = []) {
  const simulator = await startDockerHubSimulator({
    accounts: [],
    clientAddress: "203.0.113.10",
    faults,
    now: Date.now,
  });
  t.after(() => simulator.stop());
  const scope = "repository:library/httpd:pull";
  const { token } = (await (await fetch(`${simulator.url}/token?scope=${scope}`)).json()) as { token: string };

  const get = (path: string) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      request(simulator.url + path, { headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", () => undefined);
        answer.on("close", () => {
          const { statusCode: status = 0, headers: got } = answer;
          resolve({ status, headers: got, body: Buffer.concat(chunks), isCut: !answer.complete });
        });
      })
        .on("error", reject)
        .end();
    });
  return { simulator, get };
}

/** The first answer meets the fault, the second one does not. */
async function meet(t: TestContext, fault: Fault) {
  const { simulator, get } = await openSimulator(t, [{ path: "/v2/*/manifests/*", fault }]);
  const faulty = await get(latest);
  return { faulty, right: await get(latest), simulator };
}

test("a fault meets as many requests as its rule says, of the paths that it names, and is in the log", async (t) => {
  const fault: Fault = { kind: "status", status: 502 };
  const { get, simulator } = await openSimulator(t, [{ path: "/v2/library/httpd/*", times: 2, fault }]);
  assert.equal((await get("/v2/")).status, 200);
  assert.deepEqual(
    [(await get(latest)).status, (await get(latest)).status, (await get(latest)).status],
    [502, 502, 200],
  );
  assert.deepEqual(simulator.faults(), []);
  assert.deepEqual(
    simulator.requests().map((entry) => entry.fault),
    [undefined, undefined, "status", "status", undefined],
  );
});

test("a rule may name a method and a host", async (t) => {
  const { get, simulator } = await openSimulator(t);
  simulator.addFault({ path: "*", method: "HEAD", fault: { kind: "html" } });
  simulator.addFault({ path: "*", host: "auth.docker.io", fault: { kind: "html" } });
  assert.equal((await get(latest)).status, 200);
  assert.equal(simulator.faults().length, 2);
  simulator.clearFaults();
  assert.deepEqual(simulator.faults(), []);
});

test("faults in place of an answer spend no pull, faults of its delivery do", async (t) => {
  for (const [fault, counted] of [
    [{ kind: "status", status: 503 }, false],
    [{ kind: "cut", afterBytes: 10 }, true],
  ] as [Fault, boolean][]) {
    const { simulator } = await meet(t, fault);
    assert.equal(simulator.requests().find((entry) => entry.fault === fault.kind)?.counted, counted);
  }
});

test("a cut body is announced whole and ends after as many bytes as the rule says", async (t) => {
  const { faulty, right } = await meet(t, { kind: "cut", afterBytes: 10 });
  assert.equal(faulty.isCut, true);
  assert.equal(faulty.headers["content-length"], String(right.body.length));
  assert.deepEqual(faulty.body, right.body.subarray(0, 10));
  assert.equal(right.isCut, false);
});

test("a wrong digest is other JSON of the same length under the same headers", async (t) => {
  const { faulty, right } = await meet(t, { kind: "wrong-digest" });
  assert.equal(faulty.headers["docker-content-digest"], digestOf(right.body));
  assert.notEqual(digestOf(faulty.body), digestOf(right.body));
  assert.equal(faulty.body.length, right.body.length);
  assert.equal((JSON.parse(faulty.body.toString()) as ImageIndex).schemaVersion, 2);
});

test("a wrong length is a byte too much, with a Content-Length that agrees", async (t) => {
  const { faulty, right } = await meet(t, { kind: "wrong-length" });
  assert.equal(faulty.body.length, right.body.length + 1);
  assert.equal(faulty.headers["content-length"], String(faulty.body.length));
});

test("a page for people is answered 200 as HTML", async (t) => {
  const { faulty } = await meet(t, { kind: "html" });
  assert.equal(faulty.status, 200);
  assert.match(faulty.headers["content-type"] ?? "", /^text\/html/);
});

test("a status comes with the Retry-After that the rule gives", async (t) => {
  const { faulty } = await meet(t, { kind: "status", status: 429, retryAfter: 7 });
  assert.deepEqual([faulty.status, faulty.headers["retry-after"]], [429, "7"]);
  assert.match(faulty.body.toString(), /"TOOMANYREQUESTS"/);
});

test("redirects lead to themselves, or to where no client should go", async (t) => {
  const loop = await meet(t, { kind: "redirect-loop" });
  assert.deepEqual([loop.faulty.status, loop.faulty.headers.location], [307, loop.simulator.url + latest]);
  const inside = await meet(t, { kind: "redirect", to: "http://10.0.0.1/" });
  assert.deepEqual([inside.faulty.status, inside.faulty.headers.location], [307, "http://10.0.0.1/"]);
});

test("a slow body arrives whole", async (t) => {
  const { faulty, right } = await meet(t, { kind: "slow", bytesPerSecond: 3000 });
  assert.deepEqual(faulty.body, right.body);
});

test("a request that hangs is in the log without an answer, and ends with the simulator", async (t) => {
  const { get, simulator } = await openSimulator(t, [{ path: latest, fault: { kind: "hang" } }]);
  const hanging = assert.rejects(get(latest), /socket hang up/);
  while (simulator.requests().at(-1)?.fault !== "hang") await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(simulator.requests().at(-1)?.status, 0);
  await simulator.stop();
  await hanging;
});

test("content of a blob can be spoilt as well", async (t) => {
  const { get, simulator } = await openSimulator(t);
  const { manifests } = JSON.parse((await get(latest)).body.toString()) as ImageIndex;
  const manifest = JSON.parse((await get(`/v2/library/httpd/manifests/${manifests[0]?.digest}`)).body.toString());
  const { digest, size } = manifest.layers[0];
  simulator.addFault({ path: "/registry-v2/*", fault: { kind: "wrong-digest" } });
  simulator.addFault({ path: "/registry-v2/*", fault: { kind: "wrong-length" } });
  const link = (await get(`/v2/library/httpd/blobs/${digest}`)).headers.location?.slice(simulator.url.length) ?? "";
  const [changed, longer, right] = [await get(link), await get(link), await get(link)];
  assert.deepEqual([changed.body.length, longer.body.length], [size, size + 1]);
  assert.notEqual(digestOf(changed.body), digest);
  assert.equal(digestOf(right.body), digest);
});
