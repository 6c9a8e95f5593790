import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { lacksRedis, type RedisServer, startRedisServer } from "../../../test/fixtures/redis-server.ts";
import { until } from "../../../test/fixtures/until.ts";
import { openRedisLeases } from "./redis-leases.ts";
import { openRedisLink, RedisAway } from "./redis-link.ts";
import { openRedisStandings } from "./redis-standings.ts";

const prefix = "chubo:";

describe("what replicas share in Redis", { skip: lacksRedis, timeout: 60_000 }, () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedisServer();
  });
  after(() => redis.close());

  async function connect(t: TestContext) {
    const news: string[] = [];
    const link = await openRedisLink({
      url: redis.url,
      onAway: () => void news.push("away"),
      onBack: () => void news.push("back"),
    });
    t.after(() => link.close());
    await new Promise<void>((resolve) => link.onConnected(resolve));
    return { link, news };
  }

  test("a lease is held by one replica at a time, and the next one has it when it is released", async (t) => {
    const [one, other] = [await connect(t), await connect(t)].map(({ link }) => openRedisLeases(link, { prefix }));
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await setTimeout(5);
      running -= 1;
    };
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other)?.hold("key", work, { patience: 50_000 })),
    );
    assert.equal(most, 1);
  });

  test("leases of different keys do not wait for each other", async (t) => {
    const leases = openRedisLeases((await connect(t)).link, { prefix });
    await leases.hold("a", () => leases.hold("b", async () => undefined));
  });

  test("a lease lasts as long as its work, and is released by a failure too", async (t) => {
    const [one, other] = [await connect(t), await connect(t)].map(({ link }) =>
      openRedisLeases(link, { prefix, leaseTime: 500 }),
    );
    assert.ok(one && other);
    const order: string[] = [];
    let following: Promise<unknown> | undefined;
    const failing = one.hold("long", async () => {
      following = other.hold("long", async () => order.push("other"), { patience: 60_000 });
      await setTimeout(1500);
      order.push("one");
      throw new Error("broken");
    });
    await assert.rejects(failing, /broken/);
    await following;
    assert.deepEqual(order, ["one", "other"]);
  });

  test("a holder that is gone is followed when its lease runs out", async (t) => {
    const { link } = await connect(t);
    await link.send("SET", `${prefix}lease:left`, "token of a killed process", "PX", "300");
    const leases = openRedisLeases(link, { prefix });
    assert.equal(
      await leases.hold("left", async () => link.send("EXISTS", `${prefix}lease:left`), { patience: 60_000 }),
      1,
    );
  });

  test("a holder that is too slow is not waited for, and its lease stays its own", async (t) => {
    const { link } = await connect(t);
    await link.send("SET", `${prefix}lease:slow`, "somebody", "PX", "60000");
    const leases = openRedisLeases(link, { prefix });
    assert.equal(await leases.hold("slow", async () => "done", { patience: 50 }), "done");
    assert.equal(await link.send("GET", `${prefix}lease:slow`), "somebody");
  });

  test("waiting for a lease ends when nobody needs it any more", async (t) => {
    const { link } = await connect(t);
    await link.send("SET", `${prefix}lease:needless`, "somebody", "PX", "60000");
    const controller = new AbortController();
    const leases = openRedisLeases(link, { prefix });
    const held = leases.hold("needless", async () => "done", { patience: 60_000, signal: controller.signal });
    controller.abort();
    assert.equal(await held, "done");
  });

  test("what one replica puts the other one gets, and both keep the newest reading and the last rest", async (t) => {
    const [one, other] = [await connect(t), await connect(t)].map(({ link }) =>
      openRedisStandings(link, { prefix, upstream: "docker.io" }),
    );
    assert.ok(one && other);
    one.put("anonymous", { limit: 100, remaining: 7, readAt: 1 });
    await until(() => other.get("anonymous")?.remaining === 7);
    const rest = { reason: "pull-limit" as const, since: 3, until: 100, pause: 97 };
    one.put("alice", { limit: 200, remaining: 0, readAt: 3, rest });
    other.put("alice", { limit: 200, remaining: 5, readAt: 2 });
    for (const standings of [one, other]) {
      await until(() => standings.get("alice")?.rest !== undefined && standings.get("alice")?.readAt === 3);
      assert.deepEqual(standings.get("alice"), { limit: 200, remaining: 0, readAt: 3, rest });
    }
  });

  test("of many writes at once no reading is lost", async (t) => {
    const all = [await connect(t), await connect(t), await connect(t)].map(({ link }) =>
      openRedisStandings(link, { prefix, upstream: "many" }),
    );
    for (let time = 1; time <= 100; time++) all[time % 3]?.put("anonymous", { remaining: 100 - time, readAt: time });
    for (const standings of all) await until(() => standings.get("anonymous")?.remaining === 0);
  });

  test("a replica that comes later knows what the others know", async (t) => {
    const first = openRedisStandings((await connect(t)).link, { prefix, upstream: "later" });
    first.put("anonymous", { remaining: 3, readAt: 1 });
    const { link } = await connect(t);
    await until(async () => (await link.send("EXISTS", `${prefix}standings:later`)) === 1);
    const second = openRedisStandings(link, { prefix, upstream: "later" });
    await until(() => second.get("anonymous")?.remaining === 3);
  });

  test("without Redis work begins at once and standings are this replica's; on its return they are merged", async (t) => {
    const [one, other] = [await connect(t), await connect(t)];
    const sides = [one, other].map(({ link }) => openRedisStandings(link, { prefix, upstream: "cut" }));
    await redis.kill();
    const leases = openRedisLeases(one.link, { prefix });
    assert.equal(await leases.hold("key", async () => "done"), "done");
    await assert.rejects(one.link.send("PING"), RedisAway);
    sides[0]?.put("anonymous", { remaining: 9, readAt: 1 });
    sides[1]?.put("anonymous", { remaining: 8, readAt: 2 });
    assert.equal(sides[0]?.get("anonymous")?.remaining, 9);
    await redis.start();
    for (const side of sides) await until(() => side.get("anonymous")?.remaining === 8);
    for (const { news } of [one, other]) {
      await until(() => news.length === 2);
      assert.deepEqual(news, ["away", "back"]);
    }
  });

  test("who waits for a lease when Redis dies goes on by itself", async (t) => {
    const { link } = await connect(t);
    await link.send("SET", `${prefix}lease:held`, "somebody", "PX", "60000");
    const held = openRedisLeases(link, { prefix }).hold("held", async () => "done", { patience: 60_000 });
    await setTimeout(50);
    await redis.kill();
    assert.equal(await held, "done");
    await redis.start();
  });

  test("a Redis that keeps the connection and does not answer is not waited for", async (t) => {
    const { link, news } = await connect(t);
    await link.send("SET", `${prefix}lease:frozen`, "somebody", "PX", "60000");
    const leases = openRedisLeases(link, { prefix });
    const held = leases.hold("frozen", async () => "done", { patience: 60_000 });
    await setTimeout(20);
    redis.freeze();
    t.after(() => redis.resume());
    assert.equal(await held, "done");
    assert.equal(await leases.hold("another", async () => "done"), "done");
    redis.resume();
    await until(async () => {
      await link.send("PING").catch(() => undefined);
      return news.at(-1) === "back";
    });
  });
});
