import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pullImage } from "../../../test/fixtures/pull-image.ts";
import { lacksRedis } from "../../../test/fixtures/redis-server.ts";
import { noise, startReplicaBench } from "../../../test/fixtures/replica-bench.ts";
import { until } from "../../../test/fixtures/until.ts";

const httpd = ["library/httpd", "2.4"] as const;

describe("two replicas", { skip: lacksRedis, timeout: 120_000 }, () => {
  test("20 clients of both, cold, cost one HEAD and one GET of each manifest and blob", async (t) => {
    const bench = await startReplicaBench(t);
    const origins = [(await bench.start()).origin, (await bench.start()).origin];
    const pulls = await Promise.all(
      Array.from({ length: 20 }, (_, index) => pullImage(origins[index % 2] ?? "", ...httpd)),
    );
    assert.deepEqual(new Set(pulls.map(({ status }) => status)), new Set([200]));
    const asked = bench.asked();
    assert.deepEqual(asked, [...new Set(asked)]);
    assert.equal(asked.filter((line) => line.startsWith("HEAD")).length, 1);
    assert.equal(asked.length, 1 + (pulls[0]?.digests.length ?? 0));
  });

  test("a tag whose time is over is asked for once by both", async (t) => {
    const bench = await startReplicaBench(t);
    const tagLife = 3000;
    const replicas = [await bench.start({ tagLife }), await bench.start({ tagLife })];
    const pullAll = () => Promise.all(replicas.map(({ origin }) => pullImage(origin, ...httpd)));
    await pullAll();
    await setTimeout(tagLife);
    const before = bench.asked().length;
    await pullAll();
    const heads = bench.asked().filter((line) => line.startsWith("HEAD"));
    assert.deepEqual(heads, Array(2).fill("HEAD /v2/library/httpd/manifests/2.4"));
    assert.equal(bench.asked().length, before + 1);
  });

  test("what one replica spends of a pull limit both know, and both ledgers have it", async (t) => {
    const bench = await startReplicaBench(t, { remaining: 1 });
    const [one, other] = [await bench.start(), await bench.start()];
    assert.equal((await pullImage(one.origin, ...httpd)).status, 200);
    await until(() => other.upstreams.standings()[0]?.standings[0]?.remaining === 0);
    const refused = await pullImage(one.origin, noise.repository, noise.tag);
    assert.deepEqual([refused.status, Number(refused.retryAfter) > 0], [429, true]);
    await until(() => other.upstreams.standings()[0]?.standings[0]?.restsUntil !== undefined);
    const gets = () => bench.asked().filter((line) => line.startsWith("GET")).length;
    const before = gets();
    assert.equal((await pullImage(other.origin, noise.repository, noise.tag)).status, 429);
    assert.equal(gets(), before);
    assert.equal((await pullImage(other.origin, ...httpd)).status, 200);
    for (const { ledger } of [one, other]) {
      await until(() => ledger.spentByIdentity("docker.io", 0)[0]?.counted === 2);
      assert.deepEqual(ledger.topRepositories("docker.io", 0), [{ name: "library/httpd", counted: 2 }]);
    }
  });

  test("a replica that is killed while it downloads is followed by the other one, with every byte right", async (t) => {
    const bench = await startReplicaBench(t, { bytesPerSecond: 8 * 1024 * 1024 });
    const [one, other] = [await bench.spawn(), await bench.spawn()];
    const lost = pullImage(one.origin, noise.repository, noise.tag).catch(() => "lost");
    const layers = () => bench.hub.requests().filter(({ bytes }) => bytes > 4 * 1024 * 1024);
    await until(() => layers().length > 0);
    const waiting = Array.from({ length: 5 }, () => pullImage(other.origin, noise.repository, noise.tag));
    await setTimeout(300);
    assert.equal(layers().length, 1);
    await one.kill();
    assert.equal(await lost, "lost");
    for (const pull of await Promise.all(waiting)) assert.deepEqual([pull.status, pull.digests.length], [200, 3]);
    assert.equal(layers().length, 2);
    const large = async () =>
      (await bench.s3.listKeys(`${bench.prefix}/blobs/`)).filter(({ size }) => size > 1_000_000);
    await until(async () => (await large()).length > 0);
    assert.deepEqual(
      (await large()).map(({ size }) => size),
      [noise.layerSize],
    );
  });

  test("Redis killed and started again under load: every pull succeeds, and afterwards they coalesce again", async (t) => {
    const bench = await startReplicaBench(t);
    const replicas = [await bench.start({ tagLife: 0 }), await bench.start({ tagLife: 0 })];
    let isOver = false;
    let count = 0;
    const load = Array.from({ length: 6 }, async (_, index) => {
      while (!isOver) {
        const { status } = await pullImage(replicas[index % 2]?.origin ?? "", ...httpd);
        assert.equal(status, 200);
        count += 1;
      }
    });
    const pulled = (more: number) => {
      const wanted = count + more;
      return until(() => count >= wanted);
    };
    await pulled(10);
    await bench.redis.kill();
    await pulled(20);
    for (const { news } of replicas) assert.deepEqual(news, ["away"]);
    await bench.redis.start();
    await until(() => replicas.every(({ news }) => news.at(-1) === "back"));
    await pulled(10);
    isOver = true;
    await Promise.all(load);
    for (const { news, defects } of replicas) assert.deepEqual([news, defects], [["away", "back"], []]);
    await Promise.all(replicas.map(({ origin }) => pullImage(origin, noise.repository, noise.tag)));
    const gets = bench.asked().filter((line) => line.startsWith("GET /v2/acme/noise"));
    assert.equal(gets.length, 3);
  });

  test("a replica that starts without Redis serves by itself, and shares when Redis comes", async (t) => {
    const bench = await startReplicaBench(t);
    await bench.redis.kill();
    const [one, other] = [await bench.start(), await bench.start()];
    assert.equal((await pullImage(one.origin, ...httpd)).status, 200);
    assert.deepEqual(one.ledger.spentByIdentity("docker.io", 0), [{ name: "anonymous", counted: 2 }]);
    assert.deepEqual(other.ledger.spentByIdentity("docker.io", 0), []);
    await bench.redis.start();
    await until(() => other.ledger.spentByIdentity("docker.io", 0)[0]?.counted === 2);
    await until(() => other.upstreams.standings()[0]?.standings[0]?.remaining !== undefined);
    for (const { news, defects } of [one, other]) assert.deepEqual([news, defects], [["away", "back"], []]);
  });

  test("without S3 a pull is refused with 503 and Retry-After, and goes on when it is back", async (t) => {
    const bench = await startReplicaBench(t);
    for (const failure of ["SlowDown", "close"] as const) {
      const { origin } = await bench.start();
      bench.s3.failWith(failure);
      const refused = await pullImage(origin, ...httpd);
      assert.deepEqual([refused.status, refused.retryAfter], [503, "5"]);
      bench.s3.failWith(undefined);
      assert.equal((await pullImage(origin, ...httpd)).status, 200);
    }
    // The manifests are remembered: it is the read of the blob that fails.
    const { origin, defects } = await bench.start();
    assert.equal((await pullImage(origin, ...httpd)).status, 200);
    bench.s3.failWith("SlowDown", (line) => line.includes("/blobs/"));
    const refused = await pullImage(origin, ...httpd);
    assert.deepEqual([refused.status, refused.retryAfter, defects], [503, "5", []]);
  });

  test("S3 that fails while a blob is stored spoils no pull and leaves nothing of it", async (t) => {
    const bench = await startReplicaBench(t);
    const { origin, news } = await bench.start();
    bench.s3.failWith("SlowDown", (line) => line.includes("partNumber=2"));
    assert.equal((await pullImage(origin, noise.repository, noise.tag)).status, 200);
    await until(() => news.length > 0);
    assert.deepEqual(news, ["not stored: ContentUnavailable"]);
    const large = async () =>
      (await bench.s3.listKeys(`${bench.prefix}/blobs/`)).filter(({ size }) => size > 1_000_000);
    assert.deepEqual(await large(), []);
    bench.s3.failWith(undefined);
    assert.equal((await pullImage(origin, noise.repository, noise.tag)).status, 200);
    await until(async () => (await large()).length === 1);
  });

  test("blobs may be read from S3 itself", async (t) => {
    const bench = await startReplicaBench(t);
    const { origin } = await bench.start({ redirectBlobs: true });
    const first = await pullImage(origin, ...httpd);
    assert.equal(first.status, 200);
    const layer = `${origin}/v2/library/httpd/blobs/${first.digests.at(-1)}`;
    const send = () => fetch(layer, { redirect: "manual" });
    await until(async () => (await send()).status === 307);
    assert.ok((await send()).headers.get("location")?.startsWith(bench.s3.url));
    assert.equal((await pullImage(origin, ...httpd)).status, 200);
  });
});
