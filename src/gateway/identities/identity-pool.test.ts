import assert from "node:assert/strict";
import { test } from "node:test";
import type { BudgetWarning } from "./budget-warnings.ts";
import type { Identity } from "./identity.ts";
import { openIdentityPool } from "./identity-pool.ts";
import { mergeStandings, openMemoryStandings } from "./identity-standings.ts";

const minute = 60_000;
const anonymous: Identity = { name: "anonymous" };

function account(name: string, discardCredentials?: () => boolean): Identity {
  const credentials = async () => ({ username: name, password: "correct-horse" });
  return { name, credentials, ...(discardCredentials === undefined ? {} : { discardCredentials }) };
}

function told(remaining: number, { limit = 100, window = 3600, status = 200 } = {}) {
  const headers = {
    "ratelimit-limit": `${limit};w=${window}`,
    "ratelimit-remaining": `${remaining};w=${window}`,
    "docker-ratelimit-source": "203.0.113.10",
  };
  return { status, headers };
}

function open(identities = [anonymous, account("alice")]) {
  const clock = { time: 1_000_000 };
  const warnings: BudgetWarning[] = [];
  const refused: string[] = [];
  const standings = openMemoryStandings();
  const now = () => clock.time;
  const options = {
    ...{ now, standings },
    onBudget: (warning: BudgetWarning) => void warnings.push(warning),
    onLoginRefused: (name: string) => void refused.push(name),
  };
  const pool = openIdentityPool(identities, options);
  const names = () => pool.candidates().map(({ name }) => name);
  return { pool, clock, names, warnings, refused, standings, now };
}

test("the identity with the most pulls left is asked first, and one that nothing is known of before it", () => {
  const alice = account("alice");
  const { pool, names } = open([anonymous, alice]);
  assert.deepEqual(names(), ["anonymous", "alice"]);
  pool.observe(anonymous, told(99));
  assert.deepEqual(names(), ["alice", "anonymous"]);
  pool.observe(alice, told(42, { limit: 200 }));
  assert.deepEqual(names(), ["anonymous", "alice"]);
});

test("a standing says limit, remaining, window and who is charged", () => {
  const { pool } = open([anonymous]);
  pool.observe(anonymous, told(7));
  assert.deepEqual(pool.standings(), [
    { identity: anonymous, limit: 100, remaining: 7, windowSeconds: 3600, source: "203.0.113.10" },
  ]);
});

test("an answer without limit headers, of an image that is free for all, changes nothing", () => {
  const { pool } = open([anonymous]);
  pool.observe(anonymous, told(7));
  pool.observe(anonymous, { status: 200, headers: {} });
  assert.equal(pool.standings()[0]?.remaining, 7);
});

test("a token's claim of a limit fills in what no answer has told, and changes nothing that one has", () => {
  const { pool } = open([anonymous]);
  pool.observe(anonymous, { status: 200, headers: { "ratelimit-limit": "100" } });
  assert.deepEqual(pool.standings(), [{ identity: anonymous, limit: 100 }]);
  pool.observe(anonymous, told(7, { limit: 60 }));
  pool.observe(anonymous, { status: 200, headers: { "ratelimit-limit": "100" } });
  assert.equal(pool.standings()[0]?.limit, 60);
});

test("after a window without an answer nothing is known of an identity", () => {
  const { pool, clock, names } = open();
  pool.observe(anonymous, told(3));
  assert.deepEqual(names(), ["alice", "anonymous"]);
  clock.time += 3600 * 1000 - 1;
  assert.equal(pool.standings()[0]?.remaining, 3);
  clock.time += 1;
  assert.deepEqual(pool.standings()[0], { identity: anonymous });
  assert.deepEqual(names(), ["anonymous", "alice"]);
});

test("an identity whose pulls are refused rests, longer each time, and at most a quarter of an hour", () => {
  const { pool, clock, names } = open();
  const lengths: number[] = [];
  for (let refusal = 0; refusal < 8; refusal++) {
    pool.observe(anonymous, told(0, { status: 429 }));
    assert.deepEqual(names(), ["alice"]);
    const free = pool.nextFree() as number;
    lengths.push(free - clock.time);
    clock.time = free;
    assert.deepEqual(names().includes("anonymous"), true);
  }
  // A pull of 100 in an hour comes back in 36 seconds on average.
  assert.deepEqual(lengths.slice(0, 4), [36_000, 72_000, 144_000, 288_000]);
  assert.equal(lengths.at(-1), 15 * minute);
});

test("refusals of requests that were under way together are one refusal", () => {
  const { pool } = open([anonymous]);
  pool.observe(anonymous, told(0, { status: 429 }));
  const free = pool.nextFree();
  for (const _ of [1, 2, 3]) pool.observe(anonymous, told(0, { status: 429 }));
  assert.equal(pool.nextFree(), free);
});

test("a HEAD that shows a pull left ends a rest, and a refusal after all makes the next one longer", () => {
  const { pool, clock, names } = open([anonymous]);
  pool.observe(anonymous, told(0, { status: 429 }));
  clock.time += 1000;
  pool.observe(anonymous, told(0));
  assert.deepEqual(names(), []);
  pool.observe(anonymous, told(1));
  assert.deepEqual(names(), ["anonymous"]);
  assert.equal(pool.nextFree(), undefined);
  pool.observe(anonymous, told(0, { status: 429 }));
  assert.equal(pool.nextFree(), clock.time + 72_000);
});

test("a Retry-After is kept to", () => {
  const { pool, clock } = open([anonymous]);
  const { headers } = told(0);
  pool.observe(anonymous, { status: 429, headers: { ...headers, "retry-after": "7" } });
  assert.equal(pool.nextFree(), clock.time + 7000);
});

test("the abuse limit rests all identities, since they share the address", () => {
  const { pool, clock, names } = open();
  const headers = { "content-type": "text/plain", "retry-after": "60" };
  pool.observe(anonymous, { status: 429, headers });
  assert.deepEqual(names(), []);
  assert.equal(pool.nextFree(), clock.time + minute);
  // A pull that is left says nothing of the abuse limit.
  pool.observe(anonymous, told(50));
  assert.deepEqual(names(), []);
  clock.time += minute;
  assert.deepEqual(names(), ["alice", "anonymous"]);
});

test("a shorter rest does not replace a longer one that has another reason", () => {
  const { pool, clock } = open([anonymous]);
  pool.observe(anonymous, { status: 429, headers: { "content-type": "text/plain", "retry-after": "600" } });
  pool.observe(anonymous, told(0, { status: 429 }));
  assert.equal(pool.nextFree(), clock.time + 10 * minute);
});

test("whoever has read the body of a 429 decides what it means", () => {
  const { pool, names } = open();
  pool.observe(anonymous, { status: 429, headers: { "content-type": "application/json" }, limit: "abuse-limit" });
  assert.deepEqual(names(), []);
});

test("an account whose login is refused rests long and is reported once, until it has worked again", () => {
  const alice = account("alice");
  const { pool, clock, names, refused } = open([anonymous, alice]);
  pool.observe(alice, { status: 401, headers: {} });
  assert.deepEqual(names(), ["anonymous"]);
  assert.equal(pool.nextFree(), clock.time + 15 * minute);
  clock.time += 15 * minute;
  pool.observe(alice, { status: 401, headers: {} });
  assert.equal(pool.nextFree(), clock.time + 30 * minute);
  assert.deepEqual(refused, ["alice"]);
  clock.time += 30 * minute;
  pool.observe(alice, told(200, { limit: 200 }));
  pool.observe(alice, { status: 401, headers: {} });
  assert.deepEqual(refused, ["alice", "alice"]);
});

test("a login that is refused with credentials read a while ago is tried again with newer ones before it is reported", () => {
  const answers = [true, false];
  const alice = account("alice", () => answers.shift() ?? false);
  const { pool, clock, refused } = open([alice]);
  pool.observe(alice, { status: 401, headers: {} });
  assert.equal(pool.nextFree(), clock.time + 1000);
  assert.deepEqual(refused, []);
  clock.time += 1000;
  pool.observe(alice, { status: 401, headers: {} });
  assert.equal(pool.nextFree(), clock.time + 15 * minute);
  assert.deepEqual(refused, ["alice"]);
});

test("a 401 to anonymous is about the image", () => {
  const { pool, names } = open([anonymous]);
  pool.observe(anonymous, { status: 401, headers: {} });
  assert.deepEqual(names(), ["anonymous"]);
});

test("a budget is warned of once at each threshold, and again only after it has recovered", () => {
  const { pool, warnings } = open([anonymous]);
  const thresholds = () => warnings.splice(0).map(({ threshold, remaining }) => [threshold, remaining]);
  for (const remaining of [50, 21, 20, 19, 22, 20]) pool.observe(anonymous, told(remaining));
  assert.deepEqual(thresholds(), [[0.2, 20]]);
  for (const remaining of [5, 4, 1]) pool.observe(anonymous, told(remaining));
  assert.deepEqual(thresholds(), [[0.05, 5]]);
  for (const remaining of [0, 0]) pool.observe(anonymous, told(remaining));
  assert.deepEqual(thresholds(), [[0, 0]]);
  for (const remaining of [60, 3]) pool.observe(anonymous, told(remaining));
  assert.deepEqual(thresholds(), [[0.05, 3]]);
});

test("what one replica learnt another one knows", () => {
  const { pool, standings, now } = open();
  const other = openIdentityPool([anonymous, account("alice")], { now, standings });
  pool.observe(anonymous, told(0, { status: 429 }));
  assert.deepEqual(
    other.candidates().map(({ name }) => name),
    ["alice"],
  );
});

test("of two replicas' records the newest reading and the last rest hold, unless the reading ended it", () => {
  const rest = { reason: "pull-limit" as const, since: 10, until: 100, pause: 90 };
  const resting = { limit: 100, remaining: 0, readAt: 10, rest };
  const earlier = { limit: 100, remaining: 5, readAt: 5 };
  assert.deepEqual(mergeStandings(resting, earlier), resting);
  assert.deepEqual(mergeStandings(earlier, resting), resting);
  const later = { limit: 100, remaining: 2, readAt: 20 };
  assert.deepEqual(mergeStandings(resting, later), { ...later, rest: { ...rest, until: 20 } });
});
