// What an entry of the upstream ledger costs the request that it is made for, and what the batches cost beside it.
// `node bench/ledger-append.ts [--records N]`
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteUpstreamLedger } from "../src/gateway/ledger/sqlite-upstream-ledger.ts";
import type { UpstreamRequestRecord } from "../src/gateway/ledger/upstream-ledger.ts";

const words = process.argv.slice(2);
const position = words.indexOf("--records");
const records = position < 0 ? 200_000 : Number(words[position + 1]);

const directory = mkdtempSync(join(tmpdir(), "chubo-ledger-bench-"));
const file = join(directory, "ledger.db");
const onDefect = (error: unknown) => {
  throw error;
};
const ledger = openSqliteUpstreamLedger({ file, now: Date.now, onDefect });
try {
  // Appends come 500 at a time with a flush after them, as at 500 requests in a second.
  let [appending, flushing, longest] = [0, 0, 0];
  for (let count = 0; count < records; count += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => makeRecord(count + index));
    const start = performance.now();
    for (const record of batch) ledger.add(record);
    const appended = performance.now();
    ledger.flush();
    const flushed = performance.now();
    appending += appended - start;
    flushing += flushed - appended;
    longest = Math.max(longest, flushed - appended);
  }
  const counting = measure(() => ledger.countCache("docker.io", "hit"));
  const start = performance.now();
  ledger.spentByIdentity("docker.io", 0);
  const summed = performance.now();
  ledger.topRepositories("docker.io", 0);
  const top = performance.now();
  print("append, µs each", (appending * 1000) / records);
  print("flush, µs a record", (flushing * 1000) / records);
  print("longest flush of 500, ms", longest);
  print("counting a hit, µs each", (counting * 1000) / records);
  print("counted pulls by identity, ms", summed - start);
  print("top repositories, ms", top - summed);
  print("file, bytes a record", statSync(file).size / records);
} finally {
  ledger.close();
  rmSync(directory, { recursive: true });
}

function measure(work: () => void): number {
  const start = performance.now();
  for (let count = 0; count < records; count++) work();
  return performance.now() - start;
}

function print(what: string, value: number): void {
  process.stdout.write(`${what.padEnd(32)}${value.toFixed(2)}\n`);
}

function makeRecord(index: number): UpstreamRequestRecord {
  return {
    ...{ time: Date.now(), upstream: "docker.io", identity: index % 3 === 0 ? "alice" : "anonymous" },
    ...{ kind: index % 4 === 0 ? "manifest" : "blob", method: "GET", repository: `library/image-${index % 50}` },
    reference: `sha256:${index.toString(16).padStart(64, "0")}`,
    ...{ status: 200, counted: index % 4 === 0, remaining: 42, bytes: 31_415_926, milliseconds: 41, why: "miss" },
  };
}
