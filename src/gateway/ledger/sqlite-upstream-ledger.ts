import { DatabaseSync } from "node:sqlite";
import type { CacheCounts, CacheOutcome, Spending, UpstreamLedger, UpstreamRequestRecord } from "./upstream-ledger.ts";

export interface SqliteUpstreamLedgerOptions {
  /** `:memory:` keeps nothing. */
  file: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Older records go; 30 days where absent. */
  maximumAge?: number;
  /** Of records, the oldest go first; a million where absent, about 180 MB. */
  maximumRecords?: number;
  /** The disk refused a write; what was pending stays so, up to a limit. */
  onDefect(error: unknown): void;
}

const second = 1000;
const hour = 3_600_000;
const day = 24 * hour;

/** A burst is not held back for the second's end: so many records are written in a few milliseconds. */
const batchSize = 1000;
/** While the disk refuses, the oldest records are given up. */
const maximumPending = 20_000;

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS upstream_request (
    id INTEGER PRIMARY KEY, time INTEGER NOT NULL, upstream TEXT NOT NULL, identity TEXT NOT NULL, kind TEXT NOT NULL,
    method TEXT NOT NULL, repository TEXT NOT NULL, reference TEXT NOT NULL, status INTEGER, counted INTEGER NOT NULL,
    remaining INTEGER, bytes INTEGER NOT NULL, milliseconds REAL NOT NULL, why TEXT);
  CREATE INDEX IF NOT EXISTS upstream_request_time ON upstream_request (time);
  CREATE INDEX IF NOT EXISTS upstream_request_counted ON upstream_request (upstream, time) WHERE counted = 1;
  CREATE TABLE IF NOT EXISTS cache_count (upstream TEXT, outcome TEXT, count INTEGER, PRIMARY KEY (upstream, outcome));
`;

/**
 * An `UpstreamLedger` in a SQLite file of its own, so that its writes wait for nobody's transaction. An append is a push
 * to an array; records are written in one transaction each second.
 */
export function openSqliteUpstreamLedger(options: SqliteUpstreamLedgerOptions): UpstreamLedger {
  const { file, now, maximumAge = 30 * day, maximumRecords = 1_000_000, onDefect } = options;
  const database = new DatabaseSync(file);
  database.exec(schema);
  const statements = prepare(database);
  const counts = readCounts(statements.counts.all());
  let pending: UpstreamRequestRecord[] = [];
  let swept = Number.NEGATIVE_INFINITY;

  function write(): void {
    for (const record of pending) statements.insert.run(...rowOf(record));
    if (now() - swept < hour) return;
    statements.expire.run(now() - maximumAge);
    statements.cap.run(maximumRecords);
    writeCounts();
    swept = now();
  }

  function writeCounts(): void {
    for (const [upstream, outcomes] of counts) {
      for (const [outcome, count] of Object.entries(outcomes)) statements.putCount.run(upstream, outcome, count);
    }
  }

  function flush(): void {
    if (pending.length === 0 && now() - swept < hour) return;
    try {
      inTransaction(database, write);
      pending = [];
    } catch (error) {
      swept = Number.NEGATIVE_INFINITY;
      if (pending.length > maximumPending) pending = pending.slice(-maximumPending);
      onDefect(error);
    }
  }

  flush();
  const timer = setInterval(flush, second).unref();
  const spent = (rows: unknown[]) => (rows as { name: string; counted: number }[]).map((row): Spending => ({ ...row }));
  return {
    add(record) {
      // Exactly at each multiple: while the disk refuses, not every append tries again.
      if (pending.push(record) % batchSize === 0) flush();
    },
    countCache(upstream, outcome) {
      countsOf(counts, upstream)[outcome] += 1;
    },
    list({ upstream, since = 0, limit = 1000 } = {}) {
      flush();
      return statements.list.all(since, upstream ?? null, upstream ?? null, limit).map(requestRecordOf);
    },
    spentByIdentity(upstream, since) {
      flush();
      return spent(statements.byIdentity.all(upstream, since));
    },
    topRepositories(upstream, since, limit = 10) {
      flush();
      return spent(statements.byRepository.all(upstream, since, limit));
    },
    cacheCounts: () => counts,
    flush,
    close() {
      clearInterval(timer);
      flush();
      try {
        inTransaction(database, writeCounts);
      } catch (error) {
        onDefect(error);
      }
      database.close();
    },
  };
}

function prepare(database: DatabaseSync) {
  const spentBy = (column: string) =>
    `SELECT ${column} AS name, count(*) AS counted FROM upstream_request
     WHERE counted = 1 AND upstream = ? AND time >= ? GROUP BY ${column} ORDER BY counted DESC, name`;
  return {
    insert: database.prepare(
      `INSERT INTO upstream_request (time, upstream, identity, kind, method, repository, reference, status, counted,
       remaining, bytes, milliseconds, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    expire: database.prepare("DELETE FROM upstream_request WHERE time < ?"),
    cap: database.prepare(
      "DELETE FROM upstream_request WHERE id <= (SELECT id FROM upstream_request ORDER BY id DESC LIMIT 1 OFFSET ?)",
    ),
    list: database.prepare(
      "SELECT * FROM upstream_request WHERE time >= ? AND (? IS NULL OR upstream = ?) ORDER BY time DESC, id DESC LIMIT ?",
    ),
    byIdentity: database.prepare(spentBy("identity")),
    byRepository: database.prepare(`${spentBy("repository")} LIMIT ?`),
    counts: database.prepare("SELECT upstream, outcome, count FROM cache_count"),
    putCount: database.prepare("INSERT OR REPLACE INTO cache_count (upstream, outcome, count) VALUES (?, ?, ?)"),
  };
}

function rowOf(record: UpstreamRequestRecord): (string | number | null)[] {
  const { time, upstream, identity, kind, method, repository, reference, bytes, milliseconds } = record;
  const { status = null, remaining = null, why = null } = record;
  const counted = record.counted ? 1 : 0;
  return [
    time,
    upstream,
    identity,
    kind,
    method,
    repository,
    reference,
    status,
    counted,
    remaining,
    bytes,
    milliseconds,
    why,
  ];
}

/** A row of the table `upstream_request`. */
export function requestRecordOf(row: Record<string, unknown>): UpstreamRequestRecord {
  const { id: _, counted, status, remaining, why, ...rest } = row;
  return {
    ...rest,
    status: status ?? undefined,
    counted: counted === 1,
    ...(remaining === null ? {} : { remaining }),
    ...(why === null ? {} : { why }),
  } as UpstreamRequestRecord;
}

function readCounts(rows: unknown[]): Map<string, CacheCounts> {
  const counts = new Map<string, CacheCounts>();
  for (const { upstream, outcome, count } of rows as { upstream: string; outcome: CacheOutcome; count: number }[]) {
    countsOf(counts, upstream)[outcome] = count;
  }
  return counts;
}

function countsOf(counts: Map<string, CacheCounts>, upstream: string): CacheCounts {
  const known = counts.get(upstream) ?? { hit: 0, miss: 0, stale: 0 };
  counts.set(upstream, known);
  return known;
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
