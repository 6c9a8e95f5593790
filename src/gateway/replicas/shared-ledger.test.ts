import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { lacksRedis, type RedisServer, startRedisServer } from "../../../test/fixtures/redis-server.ts";
import { until } from "../../../test/fixtures/until.ts";
import type { UpstreamLedger, UpstreamRequestRecord } from "../ledger/upstream-ledger.ts";
import { openRedisLink } from "./redis-link.ts";
import { openSharedLedger } from "./shared-ledger.ts";

const start = Date.UTC(2026, 10, 25);

function pull(identity: string, more: Partial<UpstreamRequestRecord> = {}): UpstreamRequestRecord {
  return {
    ...{ time: start, upstream: "docker.io", identity, kind: "manifest", method: "GET" },
    ...{ repository: "library/app", reference: "1", status: 200, counted: true, bytes: 100, milliseconds: 1 },
    ...more,
  };
}

describe("a ledger that replicas share", { skip: lacksRedis, timeout: 60_000 }, () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedisServer();
  });
  after(() => redis.close());

  async function open(t: TestContext, file: string): Promise<UpstreamLedger> {
    const link = await openRedisLink({ url: redis.url, onAway() {}, onBack() {} });
    const onDefect = (error: unknown) => assert.fail(error as Error);
    const ledger = openSharedLedger(link, { file, now: () => start, onDefect, prefix: `${t.name}:` });
    let isOpen = true;
    const close = () => {
      if (isOpen) for (const part of [ledger, link]) part.close();
      isOpen = false;
    };
    t.after(close);
    return { ...ledger, close };
  }

  function makeFiles(t: TestContext): [string, string] {
    const directory = mkdtempSync(join(tmpdir(), "chubo-shared-ledger-"));
    t.after(() => rmSync(directory, { recursive: true }));
    return [join(directory, "one.db"), join(directory, "other.db")];
  }

  function untilSpent(ledger: UpstreamLedger, expected: { name: string; counted: number }[]): Promise<void> {
    return until(() => JSON.stringify(ledger.spentByIdentity("docker.io", 0)) === JSON.stringify(expected));
  }

  test("what all replicas have spent is known to each", async (t) => {
    const [first, second] = makeFiles(t);
    const [one, other] = [await open(t, first), await open(t, second)];
    for (let count = 0; count < 3; count++) one.add(pull("anonymous"));
    other.add(pull("alice", { remaining: 7, why: "miss" }));
    other.add(pull("alice", { counted: false, status: undefined }));
    for (const ledger of [one, other]) {
      await untilSpent(ledger, [
        { name: "anonymous", counted: 3 },
        { name: "alice", counted: 1 },
      ]);
    }
    const byIdentity = (ledger: UpstreamLedger) => ledger.list().sort((a, b) => (a.identity < b.identity ? -1 : 1));
    await until(() => one.list().length === 5 && other.list().length === 5);
    assert.deepEqual(byIdentity(one), byIdentity(other));
  });

  test("a replica that comes later gets what the others have entered before, in steps", async (t) => {
    const [first, second] = makeFiles(t);
    const one = await open(t, first);
    for (let count = 0; count < 1200; count++) one.add(pull("anonymous", { time: start + count }));
    await untilSpent(await open(t, second), [{ name: "anonymous", counted: 1200 }]);
    await untilSpent(one, [{ name: "anonymous", counted: 1200 }]);
  });

  test("what was entered while Redis was away arrives later, once, whoever restarts meanwhile", async (t) => {
    const [first, second] = makeFiles(t);
    let one = await open(t, first);
    const other = await open(t, second);
    one.add(pull("anonymous"));
    await untilSpent(other, [{ name: "anonymous", counted: 1 }]);
    await redis.kill();
    one.add(pull("anonymous"));
    other.add(pull("anonymous"));
    one.close();
    one = await open(t, first);
    assert.deepEqual(one.spentByIdentity("docker.io", 0), [{ name: "anonymous", counted: 2 }]);
    await redis.start();
    for (const ledger of [one, other]) await untilSpent(ledger, [{ name: "anonymous", counted: 3 }]);
    one.close();
    one = await open(t, first);
    one.add(pull("alice"));
    for (const ledger of [one, other]) {
      await untilSpent(ledger, [
        { name: "anonymous", counted: 3 },
        { name: "alice", counted: 1 },
      ]);
    }
  });
});
