// Two `chubo gateway` as their users start them, with a bucket and a Redis between them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDockerHubSimulator } from "../../src/docker-hub/simulator.ts";
import { startChuboGateway } from "../fixtures/chubo-gateway.ts";
import { pullImage } from "../fixtures/pull-image.ts";
import { lacksRedis, startRedisServer } from "../fixtures/redis-server.ts";
import { bucket, startS3Bench } from "../fixtures/s3-bench.ts";

const image = ["library/httpd", "2.4"] as const;

test("two gateways on one bucket and one Redis pull an image once, and the one that is left goes on", {
  skip: lacksRedis,
}, async (t) => {
  const [s3, redis] = await Promise.all([startS3Bench(), startRedisServer()]);
  const hub = await startDockerHubSimulator({ accounts: [], now: Date.now });
  const { accessKeyId, secretAccessKey } = s3.settings.credentials;
  const variables = {
    AWS_ENDPOINT_URL_S3: s3.settings.endpoint,
    AWS_REGION: s3.settings.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const shared = ["--content", `s3://${bucket}/gateway`, "--ledger", redis.url, "--upstream", `docker.io=${hub.url}`];
  const start = () => startChuboGateway(t, { words: shared, variables });
  const [one, other] = await Promise.all([start(), start()]);
  t.after(async () => {
    await hub.stop();
    await redis.close();
    await s3.close();
  });

  const cold = await Promise.all([one, other, one, other].map(({ url }) => pullImage(url, ...image)));
  assert.deepEqual(
    cold.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  const asked = hub.requests().filter(({ path, status }) => path.includes("/manifests/") && status === 200);
  assert.deepEqual(asked.map(({ method }) => method).sort(), ["GET", "GET", "HEAD"]);

  await one.stop();
  hub.setRemaining(0);
  assert.equal((await pullImage(other.url, ...image)).status, 200);
  await redis.kill();
  assert.equal((await pullImage(other.url, ...image)).status, 200);
});
