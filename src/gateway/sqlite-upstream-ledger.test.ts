import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { openSqliteUpstreamLedger, type SqliteUpstreamLedgerOptions } from "./sqlite-upstream-ledger.ts";
import type { UpstreamRequestRecord } from "./upstream-ledger.ts";

const day = 24 * 3_600_000;

function record(time: number, changes: Partial<UpstreamRequestRecord> = {}): UpstreamRequestRecord {
  return {
    ...{ time, upstream: "docker.io", identity: "anonymous", kind: "manifest", method: "GET" },
    ...{
      repository: "library/httpd",
      reference: "latest",
      status: 200,
      counted: true,
      bytes: 2782,
      milliseconds: 41.5,
    },
    ...changes,
  };
}

function open(t: TestContext, options: Partial<SqliteUpstreamLedgerOptions> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-ledger-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const settings = { file: join(directory, "ledger.db"), now: () => 40 * day, onDefect: assert.fail, ...options };
  const reopen = () => {
    const ledger = openSqliteUpstreamLedger(settings);
    t.after(() => ledger.close());
    return ledger;
  };
  return { file: settings.file, reopen, ledger: openSqliteUpstreamLedger(settings) };
}

test("what was entered is there after a restart, with all that was known of it", (t) => {
  const { ledger, reopen } = open(t);
  const whole = record(39 * day, { remaining: 12, why: "revalidate" });
  const unanswered = record(39 * day + 1, { kind: "blob", status: undefined, counted: false });
  ledger.add(whole);
  ledger.add(unanswered);
  ledger.close();
  assert.deepEqual(reopen().list(), [unanswered, whole]);
});

test("an entry costs no write until the batch is written", (t) => {
  const { ledger, file } = open(t);
  const other = new DatabaseSync(file, { readOnly: true });
  t.after(() => other.close());
  const written = () => other.prepare("SELECT count(*) AS count FROM upstream_request").get()?.count;
  for (let count = 1; count <= 999; count++) ledger.add(record(39 * day));
  assert.equal(written(), 0);
  ledger.add(record(39 * day));
  assert.equal(written(), 1000);
  ledger.add(record(39 * day));
  ledger.flush();
  assert.equal(written(), 1001);
  ledger.close();
});

test("counted pulls are summed by identity and by repository, since a time and at one upstream", (t) => {
  const { ledger } = open(t);
  const start = 39 * day;
  for (const count of [1, 2, 3]) ledger.add(record(start + count));
  ledger.add(record(start + 4, { identity: "alice", repository: "library/redis" }));
  ledger.add(record(start + 5, { identity: "alice", counted: false, status: 429 }));
  ledger.add(record(start + 6, { method: "HEAD", counted: false }));
  ledger.add(record(start - 1));
  ledger.add(record(start + 7, { upstream: "public.ecr.aws" }));
  assert.deepEqual(ledger.spentByIdentity("docker.io", start), [
    { name: "anonymous", counted: 3 },
    { name: "alice", counted: 1 },
  ]);
  assert.deepEqual(ledger.topRepositories("docker.io", start), [
    { name: "library/httpd", counted: 3 },
    { name: "library/redis", counted: 1 },
  ]);
  assert.deepEqual(ledger.topRepositories("docker.io", start, 1), [{ name: "library/httpd", counted: 3 }]);
  assert.equal(ledger.list({ upstream: "public.ecr.aws" }).length, 1);
  assert.equal(ledger.list({ since: start + 6 }).length, 2);
  ledger.close();
});

test("hits, misses and stale answers are counted by upstream, across restarts, and write nothing when they happen", (t) => {
  const { ledger, reopen, file } = open(t);
  const other = new DatabaseSync(file, { readOnly: true });
  t.after(() => other.close());
  const version = () => other.prepare("PRAGMA data_version").get()?.data_version;
  const before = version();
  for (const outcome of ["hit", "hit", "miss", "stale"] as const) ledger.countCache("docker.io", outcome);
  ledger.flush();
  assert.equal(version(), before);
  ledger.close();
  const again = reopen();
  again.countCache("docker.io", "hit");
  assert.deepEqual(again.cacheCounts().get("docker.io"), { hit: 3, miss: 1, stale: 1 });
});

test("records beyond the age and the number go, the oldest first", (t) => {
  const clock = { time: 40 * day };
  const { ledger, reopen } = open(t, { now: () => clock.time, maximumRecords: 3 });
  for (const age of [31, 3, 2, 1, 0]) ledger.add(record((40 - age) * day));
  ledger.close();
  const again = reopen();
  assert.deepEqual(
    again.list().map(({ time }) => 40 - time / day),
    [0, 1, 2],
  );
  clock.time = 69 * day + 1;
  again.flush();
  assert.deepEqual(
    again.list().map(({ time }) => 40 - time / day),
    [0],
  );
});

test("what the disk refuses is reported and stays pending", (t) => {
  const defects: unknown[] = [];
  const { ledger, file } = open(t, { onDefect: (error) => void defects.push(error) });
  const other = new DatabaseSync(file);
  t.after(() => other.close());
  other.exec("ALTER TABLE upstream_request RENAME TO moved");
  ledger.add(record(39 * day));
  ledger.flush();
  assert.equal(defects.length, 1);
  other.exec("ALTER TABLE moved RENAME TO upstream_request");
  assert.equal(ledger.list().length, 1);
  ledger.close();
});
