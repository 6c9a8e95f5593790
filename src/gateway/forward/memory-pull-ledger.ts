import type { PullLedger, PullRecord } from "./pull-ledger.ts";

/** Keeps the newest records in memory, and tells `onRecord` of each as it is added. */
export function openMemoryPullLedger(
  options: { maximum?: number; onRecord?(record: PullRecord): void } = {},
): PullLedger {
  const { maximum = 10_000, onRecord } = options;
  const records: PullRecord[] = [];
  return {
    add(record) {
      records.push(record);
      if (records.length > maximum) records.shift();
      onRecord?.(record);
    },
    list: () => records,
  };
}
