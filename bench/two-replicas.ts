// What it costs to share: two replicas over one bucket and one Redis, beside one replica alone; an image of 24 MiB.
// `node bench/two-replicas.ts` prints one line of JSON for each repetition. Needs redis-server.

import { pullImage } from "../test/fixtures/pull-image.ts";
import { noise, startReplicaBench } from "../test/fixtures/replica-bench.ts";

const ends: (() => Promise<void>)[] = [];
const round = (milliseconds: number) => Math.round(milliseconds);

for (let repetition = 0; repetition < 5; repetition++) {
  const bench = await startReplicaBench({ after: (end) => void ends.push(end) });
  const [one, other] = [await bench.spawn(), await bench.spawn()];
  const pull = (origin: string) => pullImage(origin, noise.repository, noise.tag);
  // The asking replica streams; the waiting one begins when the blob is in the bucket.
  const cold = await Promise.all([pull(one.origin), pull(other.origin)]);
  const times = cold.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const asked = async (work: () => Promise<unknown>) => {
    bench.s3.forget();
    await work();
    return bench.s3.asked.length;
  };
  const third = await bench.spawn();
  process.stdout.write(
    `${JSON.stringify({
      coldAsking: round(times[0] ?? 0),
      coldWaiting: round(times[1] ?? 0),
      upstreamRequests: bench.asked().length,
      bucketRequestsOfFirstWarmPull: await asked(() => pull(third.origin)),
      bucketRequestsOfNextWarmPull: await asked(() => pull(third.origin)),
      warm: round((await pull(third.origin)).milliseconds),
    })}\n`,
  );
  for (const end of ends.splice(0)) await end();
}
