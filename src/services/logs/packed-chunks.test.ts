import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import type { StoredEvent } from "./logs-store.ts";
import { packedChunks } from "./packed-chunks.ts";

function eventsOf(count: number, message: (index: number) => string): StoredEvent[] {
  return Array.from({ length: count }, (_, index) => [
    1000 + Math.floor(index / 7),
    5000 + (index % 3),
    message(index),
  ]);
}

const kinds: { title: string; events: StoredEvent[] }[] = [
  { title: "no events", events: [] },
  { title: "a few events", events: eventsOf(3, (index) => `line ${index}\n`) },
  { title: "many events", events: eventsOf(4000, (index) => `line ${index}\n`) },
  { title: "messages of other scripts, with breaks of their own", events: eventsOf(200, () => "厨\n房😀") },
  { title: "empty messages", events: eventsOf(200, () => "") },
  { title: "half characters", events: eventsOf(200, () => "\ud83d") },
];

for (const { title, events } of kinds) {
  test(`${title} are read as they were written`, () => {
    const chunks = packedChunks(openSqliteStore(":memory:").collection("chunk"));
    chunks.put("a:1", { firstEvent: 9, events });
    assert.deepEqual(chunks.get("a:1"), { firstEvent: 9, events });
    assert.deepEqual(chunks.list("a:"), [{ firstEvent: 9, events }]);
  });
}

test("events that an earlier version wrote are read", () => {
  const stored = openSqliteStore(":memory:").collection<{ firstEvent: number; events: StoredEvent[] }>("chunk");
  stored.put("a:1", { firstEvent: 1, events: [[1, 2, "x"]] });
  assert.deepEqual(packedChunks(stored).get("a:1"), { firstEvent: 1, events: [[1, 2, "x"]] });
});
