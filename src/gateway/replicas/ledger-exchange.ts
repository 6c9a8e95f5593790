import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { requestRecordOf } from "../ledger/sqlite-upstream-ledger.ts";
import type { UpstreamRequestRecord } from "../ledger/upstream-ledger.ts";

/** A record on its way between replicas. `origin` is unlike any other's. */
export interface ExchangedRecord {
  origin: string;
  record: UpstreamRequestRecord;
}

/**
 * What of a replica's ledger the others have yet to get, and what of theirs it has. It is kept in the ledger's own file,
 * so that neither a restart nor a time without Redis loses or doubles a record.
 */
export interface LedgerExchange {
  /** This replica's own records that were not sent, oldest first. */
  unsent(limit: number): ExchangedRecord[];
  /** Those that `unsent` gave last have arrived. */
  markSent(): void;
  /** Where the reading of what others sent goes on. */
  readonly position: string;
  /** In one transaction with the new position; a record that is known already, this replica's own among them, is not taken. */
  takeIn(records: readonly ExchangedRecord[], position: string): void;
  close(): void;
}

const schema = `
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS exchange_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS taken_request (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE);
`;

const columns = [
  ...["time", "upstream", "identity", "kind", "method", "repository", "reference"],
  ...["status", "counted", "remaining", "bytes", "milliseconds", "why"],
] as const;

/** A second connection to the file of a ledger that is open; both are used by this thread alone, and so never at once. */
export function openLedgerExchange(file: string): LedgerExchange {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const statements = prepare(database);
  const read = (name: string) => (statements.read.get(name) as { value: string } | undefined)?.value;
  const write = (name: string, value: string) => void statements.write.run(name, value);
  const replica = read("replica") ?? randomUUID();
  write("replica", replica);
  let given = 0;

  function lastId(): number {
    return (statements.last.get() as { last: number | null }).last ?? 0;
  }

  function take({ origin, record }: ExchangedRecord): void {
    if (origin.startsWith(replica) || statements.isTaken.get(origin) !== undefined) return;
    const { lastInsertRowid } = statements.insert.run(...columns.map((column) => sqlValueOf(record, column)));
    statements.taken.run(lastInsertRowid, origin);
  }

  return {
    unsent(limit) {
      const last = lastId();
      const sent = Number(read("sent") ?? 0);
      // The ledger drops old records; where it dropped all, SQLite counts anew.
      const rows = statements.unsent.all(sent > last ? 0 : sent, limit) as unknown as Row[];
      // Past others' records at the end too, so that they are not gone through each time.
      given = rows.length < limit ? last : (rows.at(-1)?.id ?? last);
      return rows.map((row) => ({ origin: `${replica}/${row.id}/${row.time}`, record: requestRecordOf(row) }));
    },
    markSent() {
      if (read("sent") !== String(given)) write("sent", String(given));
    },
    get position() {
      return read("position") ?? "0";
    },
    takeIn(records, position) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const record of records) take(record);
        statements.forget.run();
        write("position", position);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}

type Row = Record<string, string | number | null> & { id: number; time: number };

function prepare(database: DatabaseSync) {
  return {
    read: database.prepare("SELECT value FROM exchange_state WHERE name = ?"),
    write: database.prepare("INSERT OR REPLACE INTO exchange_state (name, value) VALUES (?, ?)"),
    last: database.prepare("SELECT max(id) AS last FROM upstream_request"),
    unsent: database.prepare(
      `SELECT * FROM upstream_request WHERE id > ? AND id NOT IN (SELECT id FROM taken_request) ORDER BY id LIMIT ?`,
    ),
    insert: database.prepare(
      `INSERT INTO upstream_request (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    ),
    isTaken: database.prepare("SELECT 1 FROM taken_request WHERE origin = ?"),
    taken: database.prepare("INSERT OR REPLACE INTO taken_request (id, origin) VALUES (?, ?)"),
    forget: database.prepare("DELETE FROM taken_request WHERE id < (SELECT min(id) FROM upstream_request)"),
  };
}

function sqlValueOf(record: UpstreamRequestRecord, column: (typeof columns)[number]): string | number | null {
  const value = record[column];
  return typeof value === "boolean" ? Number(value) : (value ?? null);
}
