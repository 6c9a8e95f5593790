import assert from "node:assert/strict";
import { test } from "node:test";
import { openTunnelLedger, type TunnelRecord } from "./tunnel-ledger.ts";

const start = { kind: "tunnel", host: "registry.npmjs.org", port: 443 } as const;

test("shows an open tunnel's bytes as they grow, and tells them once at its end", () => {
  const ended: TunnelRecord[] = [];
  const ledger = openTunnelLedger((record) => void ended.push(record));
  const bytes = { bytesUp: 1, bytesDown: 2 };
  const entry = ledger.open({ ...start, time: 1 }, () => ({ ...bytes }));
  bytes.bytesDown = 20;
  assert.deepEqual(ledger.list(), [{ ...start, time: 1, bytesUp: 1, bytesDown: 20 }]);
  entry.close();
  entry.close();
  bytes.bytesDown = 99;
  assert.deepEqual(ended, [{ ...start, time: 1, bytesUp: 1, bytesDown: 20 }]);
  assert.deepEqual(ledger.list(), ended);
});

test("keeps the newest records when there are too many", () => {
  const ledger = openTunnelLedger(() => {});
  for (let time = 0; time < 10_005; time++) {
    ledger.open({ ...start, time }, () => ({ bytesUp: 0, bytesDown: 0 })).close();
  }
  const times = ledger.list().map(({ time }) => time);
  assert.deepEqual([times.length, times[0], times.at(-1)], [10_000, 5, 10_004]);
});
