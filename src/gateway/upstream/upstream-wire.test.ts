import assert from "node:assert/strict";
import { test } from "node:test";
import { fails } from "../../../test/fixtures/upstream-bench.ts";
import type { UpstreamExchange } from "./upstream-exchange.ts";
import { createUpstreamWire } from "./upstream-wire.ts";

test("an upstream that is reached by https is not left for what is in clear", async (t) => {
  const exchanges: UpstreamExchange[] = [];
  for (const base of [{}, { baseUrl: "https://mirror.example" }]) {
    const wire = createUpstreamWire({
      name: "ghcr.io",
      ...base,
      now: () => 0,
      onExchange: (exchange) => exchanges.push(exchange),
      connectMilliseconds: 50,
      silenceMilliseconds: 50,
      wholeMilliseconds: 50,
    });
    t.after(() => wire.close());
    const call = {
      kind: "blob",
      method: "GET",
      headers: {},
      identity: "anonymous",
      repository: "y",
      reference: "",
    } as const;
    const sent = wire.send({ ...call, url: new URL("http://cdn.example/x") });
    await assert.rejects(sent, fails("faulty", /^ghcr\.io leads to http:\/\/cdn\.example, which is not https$/));
  }
  assert.deepEqual(exchanges, []);
});
