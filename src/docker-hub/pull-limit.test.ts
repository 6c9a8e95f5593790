import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedGets, countManifestGet, getsLeaving, type PullLimit, remainingPulls } from "./pull-limit.ts";

const base: PullLimit = {
  limit: 2,
  windowSeconds: 100,
  window: "rolling",
  manifestGetsPerPull: 1,
  countRejected: false,
};

const second = 1000;

/** One letter a GET: `+` answered, `-` refused. */
function play(limit: PullLimit, seconds: readonly number[]): { verdicts: string; gets: CountedGets } {
  let gets: CountedGets = [];
  let verdicts = "";
  for (const time of seconds) {
    const counted = countManifestGet(gets, time * second, limit);
    gets = counted.gets;
    verdicts += counted.allowed ? "+" : "-";
  }
  return { verdicts, gets };
}

const cases: [title: string, settings: Partial<PullLimit>, seconds: number[], verdicts: string][] = [
  ["a rolling window gives each pull back when a window has passed since it", {}, [0, 60, 90, 101, 102, 161], "++-+-+"],
  ["a rolling window still holds a pull one millisecond before its end", {}, [0, 0, 99.999, 100], "++-+"],
  [
    "a fixed window gives all pulls back when a window has passed since the first",
    { window: "fixed" },
    [0, 99, 99, 100, 101, 102],
    "++-++-",
  ],
  [
    "a fixed window opens anew with the first pull after it, not on a grid",
    { window: "fixed" },
    [0, 150, 150, 249, 250],
    "+++-+",
  ],
  [
    "where two GETs are a pull, a limit of two answers four of them",
    { manifestGetsPerPull: 2 },
    [1, 2, 3, 4, 5],
    "++++-",
  ],
  ["refused GETs that are not counted leave the window as it is", {}, [0, 0, 50, 60, 100], "++--+"],
  [
    "refused GETs that are counted keep a rolling window closed while the client retries",
    { countRejected: true },
    [0, 0, 50, 60, 100, 149, 250],
    "++----+",
  ],
  [
    "refused GETs that are counted do not prolong a fixed window",
    { countRejected: true, window: "fixed" },
    [0, 0, 50, 99, 100],
    "++--+",
  ],
  ["a limit of nothing answers nothing", { limit: 0 }, [0, 1000], "--"],
];
for (const [title, settings, seconds, verdicts] of cases) {
  test(title, () => assert.equal(play({ ...base, ...settings }, seconds).verdicts, verdicts));
}

test("remaining falls at the second of two GETs where two are a pull", () => {
  const limit: PullLimit = { ...base, manifestGetsPerPull: 2 };
  let gets: CountedGets = [];
  const remaining = [1, 2, 3, 4].map((time) => {
    const counted = countManifestGet(gets, time, limit);
    gets = counted.gets;
    return counted.remaining;
  });
  assert.deepEqual(remaining, [2, 1, 1, 0]);
});

test("strangers' pulls leave what they are said to leave", () => {
  for (const manifestGetsPerPull of [1, 2] as const) {
    const limit: PullLimit = { ...base, limit: 100, manifestGetsPerPull };
    for (const remaining of [0, 1, 99, 100]) {
      assert.equal(remainingPulls(getsLeaving(remaining, 0, limit), 0, limit), remaining);
    }
  }
});

test("ten thousand counted retries are kept as no more than the limit", () => {
  const limit: PullLimit = { ...base, countRejected: true };
  let gets: CountedGets = [];
  for (let time = 0; time < 10_000; time++) gets = countManifestGet(gets, time, limit).gets;
  assert.equal(gets.length, limit.limit);
});
