import assert from "node:assert/strict";
import { request } from "node:http";
import { type TestContext, test } from "node:test";
import { startDockerHubSimulator } from "./simulator.ts";

async function openControl(t: TestContext) {
  const simulator = await startDockerHubSimulator({
    accounts: [{ user: "alice", password: "correct-horse", tier: "personal" }],
    now: Date.now,
  });
  t.after(() => simulator.stop());
  const call = (method: string, name: string, body?: object, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; value: Record<string, unknown> }>((resolve, reject) => {
      const asked = request(`${simulator.url}/_chubo/hub/${name}`, { method, headers }, async (answer) => {
        const chunks = await answer.toArray();
        resolve({ status: answer.statusCode ?? 0, value: JSON.parse(Buffer.concat(chunks).toString()) });
      });
      asked.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return { simulator, call };
}

const limit = { limit: 100, windowSeconds: 21_600 };

test("pulls are spent and set for the asking address, another one, or an account", async (t) => {
  const { call } = await openControl(t);
  await call("POST", "spend", { pulls: 40 });
  await call("POST", "remaining", { remaining: 3, address: "2001:db8::7" });
  await call("POST", "spend", { pulls: 1, account: "alice" });
  assert.deepEqual((await call("GET", "state")).value, {
    pulls: [
      { address: "127.0.0.1", ...limit, remaining: 60 },
      { address: "2001:db8::", ...limit, remaining: 3 },
      { account: "alice", ...limit, limit: 200, remaining: 199 },
    ],
    faults: [],
    requests: 0,
  });
});

test("faults are added and taken away, and the log is read", async (t) => {
  const { call, simulator } = await openControl(t);
  const rule = { path: "/v2/", times: 1, fault: { kind: "status", status: 503 } };
  assert.deepEqual((await call("POST", "faults", rule)).value, { faults: [rule] });
  assert.equal((await fetch(`${simulator.url}/v2/`)).status, 503);
  await call("POST", "faults", { path: "*", fault: { kind: "hang" } });
  assert.deepEqual((await call("DELETE", "faults")).value, { faults: [] });
  const requests = (await call("GET", "requests")).value as unknown as { path: string; fault: string }[];
  assert.deepEqual(
    requests.map(({ path, fault }) => [path, fault]),
    [["/v2/", "status"]],
  );
});

const faulty: [method: string, name: string, body: object | undefined, status: number, message: RegExp][] = [
  ["PUT", "state", undefined, 405, /PUT is not for state/],
  ["GET", "nonesuch", undefined, 404, /there is only GET state,/],
  ["POST", "spend", {}, 400, /pulls is a whole number/],
  ["POST", "spend", { pulls: -1 }, 400, /pulls is a whole number/],
  ["POST", "spend", { pulls: 1, address: "nowhere" }, 400, /not an IP address: nowhere/],
  ["POST", "remaining", { remaining: 1, account: "bob" }, 400, /there is no account bob/],
  ["POST", "faults", { fault: { kind: "hang" } }, 400, /path is missing/],
  ["POST", "faults", { path: "*", fault: { kind: "gremlin" } }, 400, /fault\.kind is one of hang, cut/],
  ["POST", "faults", { path: "*", fault: { kind: "cut" } }, 400, /afterBytes is no whole number/],
  ["POST", "faults", { path: "*", fault: { kind: "status", status: 418 } }, 400, /status is one of 429, 500/],
  ["POST", "faults", { path: "*", times: 0, fault: { kind: "hang" } }, 400, /times is no whole number from 1/],
];
test("what cannot be done says why", async (t) => {
  const { call } = await openControl(t);
  for (const [method, name, body, status, message] of faulty) {
    const answer = await call(method, name, body);
    assert.equal(answer.status, status, `${method} ${name}`);
    assert.match(String(answer.value.message), message);
  }
});

test("a page in a browser, and a name that is not this machine's, are refused", async (t) => {
  const { call } = await openControl(t);
  assert.equal((await call("POST", "spend", { pulls: 1 }, { origin: "http://localhost:3000" })).status, 403);
  assert.equal((await call("GET", "state", undefined, { host: "rebound.example:5080" })).status, 403);
  assert.equal((await call("GET", "state", undefined, { host: "localhost:5080" })).status, 200);
});
