import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Collection, Store } from "./store.ts";

/**
 * `Store` in one SQLite file (WAL); `:memory:` keeps nothing. https://nodejs.org/api/sqlite.html
 * Records outlive the death of the process in any case; where they are not `durable`, a loss of power may cost them.
 */
export function openSqliteStore(file: string, { durable = true } = {}): Store {
  const database = new DatabaseSync(file);
  database.exec(
    `PRAGMA synchronous = ${durable ? "NORMAL" : "OFF"}; PRAGMA journal_mode = WAL;
     CREATE TABLE IF NOT EXISTS record (collection TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID`,
  );
  const statements = {
    get: database.prepare("SELECT value FROM record WHERE collection = ? AND key = ?"),
    put: database.prepare("INSERT OR REPLACE INTO record (collection, key, value) VALUES (?, ?, ?)"),
    delete: database.prepare("DELETE FROM record WHERE collection = ? AND key = ?"),
    // substr instead of LIKE or a range: keys may hold any character.
    list: database.prepare(
      "SELECT value FROM record WHERE collection = ? AND substr(key, 1, length(?)) = ? ORDER BY key",
    ),
  };
  const versions = createVersions();
  return {
    collection: (name) => sqliteCollection(name, statements, versions),
    transaction: (work) => runTransaction(database, versions, work),
    close: () => database.close(),
  };
}

function sqliteCollection<T>(
  name: string,
  statements: Record<"get" | "put" | "delete" | "list", StatementSync>,
  versions: Versions,
): Collection<T> {
  const parse = (row: Record<string, unknown>) => JSON.parse(row.value as string) as T;
  return {
    get(key) {
      const row = statements.get.get(name, key);
      return row === undefined ? undefined : parse(row);
    },
    put(key, value) {
      versions.changed(name);
      statements.put.run(name, key, JSON.stringify(value));
    },
    delete(key) {
      versions.changed(name);
      return Number(statements.delete.run(name, key).changes) > 0;
    },
    list: (prefix = "") => statements.list.all(name, prefix, prefix).map(parse),
    version: () => versions.of(name),
  };
}

interface Versions {
  of(collection: string): number;
  changed(collection: string): void;
  /** Whatever was written meanwhile is no longer so. */
  rolledBack(): void;
}

/** This process is the only one that writes. */
function createVersions(): Versions {
  const writes = new Map<string, number>();
  let rollbacks = 0;
  return {
    of: (collection) => (writes.get(collection) ?? 0) + rollbacks,
    changed: (collection) => void writes.set(collection, (writes.get(collection) ?? 0) + 1),
    rolledBack() {
      rollbacks += 1;
    },
  };
}

function runTransaction<R>(database: DatabaseSync, versions: Versions, work: () => R): R {
  if (database.isTransaction) return work();
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself rolls back where the disk is full.
    if (database.isTransaction) database.exec("ROLLBACK");
    versions.rolledBack();
    throw error;
  }
}
