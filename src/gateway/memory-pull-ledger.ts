import type { PullLedger, PullRecord } from "./pull-ledger.ts";

/** Keeps the newest records in memory. */
export function openMemoryPullLedger(maximum = 10_000): PullLedger {
  const records: PullRecord[] = [];
  return {
    add(record) {
      records.push(record);
      if (records.length > maximum) records.shift();
    },
    list: () => records,
  };
}
