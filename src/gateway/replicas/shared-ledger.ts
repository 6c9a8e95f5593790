import { openSqliteUpstreamLedger, type SqliteUpstreamLedgerOptions } from "../ledger/sqlite-upstream-ledger.ts";
import type { UpstreamLedger, UpstreamRequestRecord } from "../ledger/upstream-ledger.ts";
import { type ExchangedRecord, openLedgerExchange } from "./ledger-exchange.ts";
import { RedisAway, type RedisLink } from "./redis-link.ts";

export interface SharedLedgerOptions extends SqliteUpstreamLedgerOptions {
  /** Before each key. */
  prefix: string;
}

/** Milliseconds between two exchanges. */
const interval = 500;
/** Records of one exchange, so that a long absence is caught up in steps. */
const batchSize = 500;
/** Of all replicas, about 40 MB; whoever is away for longer than they last misses some of the others' requests. */
const streamLength = "100000";

/**
 * Each replica's ledger with the requests of all: they go through a capped stream in Redis into everybody's SQLite file,
 * which answers. While Redis is away the file has this replica's own, and sends them later. Hits and misses of the store
 * are not exchanged.
 */
export function openSharedLedger(link: RedisLink, options: SharedLedgerOptions): UpstreamLedger {
  const { prefix, onDefect } = options;
  const stream = `${prefix}ledger`;
  const ledger = openSqliteUpstreamLedger(options);
  const exchange = openLedgerExchange(options.file);
  let isClosed = false;
  let isRunning = false;

  async function send(): Promise<void> {
    ledger.flush();
    const records = exchange.unsent(batchSize);
    await Promise.all(
      records.map(({ origin, record }) =>
        link.send(
          ...["XADD", stream, "MAXLEN", "~", streamLength, "*"],
          "origin",
          origin,
          "record",
          JSON.stringify(record),
        ),
      ),
    );
    if (!isClosed) exchange.markSent();
  }

  /** True where there may be more. */
  async function receive(): Promise<boolean> {
    const answer = await link.send("XREAD", "COUNT", String(batchSize), "STREAMS", stream, exchange.position);
    const [[, entries] = []] = (answer ?? []) as [string, StreamEntry[]][];
    if (entries === undefined || isClosed) return false;
    exchange.takeIn(entries.flatMap(recordOfEntry), entries.at(-1)?.[0] ?? exchange.position);
    return entries.length === batchSize;
  }

  async function exchangeAll(): Promise<void> {
    if (isRunning || isClosed) return;
    isRunning = true;
    try {
      await send();
      while (await receive());
    } catch (error) {
      if (!(error instanceof RedisAway) && !isClosed) onDefect(error);
    } finally {
      isRunning = false;
    }
  }

  const timer = setInterval(() => void exchangeAll(), interval).unref();
  link.onConnected(() => void exchangeAll());
  return {
    ...ledger,
    close() {
      isClosed = true;
      clearInterval(timer);
      exchange.close();
      ledger.close();
    },
  };
}

type StreamEntry = [id: string, fields: string[]];

/** Nothing of an entry that nobody here has written. */
function recordOfEntry([, fields]: StreamEntry): ExchangedRecord[] {
  const [, origin, , text] = fields;
  try {
    const record = JSON.parse(text ?? "") as UpstreamRequestRecord;
    if (typeof origin === "string" && typeof record.time === "number" && typeof record.upstream === "string") {
      return [{ origin, record }];
    }
  } catch {
    // Not JSON.
  }
  return [];
}
