import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../usage-error.ts";
import type { HubFlags } from "./describe-hub.ts";
import { hubSettings } from "./hub-settings.ts";

const settingsOf = (flags: Partial<HubFlags>) =>
  hubSettings({ windowKind: "rolling", getsPerPull: "2", ...flags }, "/somewhere");

test("without options the hub is Docker's documented one on port 5080 of this machine", () => {
  const counting = { window: "rolling", manifestGetsPerPull: 2, countRejected: false };
  assert.deepEqual(settingsOf({}), {
    host: "127.0.0.1",
    port: 5080,
    simulator: { accounts: [], trustForwardedFor: false, anonymous: counting, personal: counting },
  });
});

test("a limit is for addresses; the window and the way of counting are for accounts as well", () => {
  const { simulator } = settingsOf({
    limit: "5",
    window: "60",
    windowKind: "fixed",
    getsPerPull: "1",
    countRejected: true,
  });
  const counting = { windowSeconds: 60, window: "fixed", manifestGetsPerPull: 1, countRejected: true };
  assert.deepEqual(simulator.anonymous, { ...counting, limit: 5 });
  assert.deepEqual(simulator.personal, counting);
});

test("addresses, sizes and directories are read as people write them", () => {
  assert.deepEqual(settingsOf({ listen: "[::1]:0" }).host, "::1");
  const { host, port } = settingsOf({ listen: "0.0.0.0:80" });
  assert.deepEqual([host, port], ["0.0.0.0", 80]);
  const { bytesPerSecond, imagesDirectory } = settingsOf({ bandwidth: "500k", images: "mine" }).simulator;
  assert.deepEqual([bytesPerSecond, imagesDirectory], [500_000, "/somewhere/mine"]);
});

const faulty: [flags: Partial<HubFlags>, code: string][] = [
  [{ listen: "5080" }, "CONFIG_LISTEN"],
  [{ listen: "127.0.0.1:70000" }, "CONFIG_LISTEN"],
  [{ listen: "127.0.0.1:1", port: "1" }, "CONFIG_LISTEN"],
  [{ bandwidth: "fast" }, "CONFIG_NUMBER"],
  [{ bandwidth: "0" }, "CONFIG_NUMBER"],
  [{ window: "0" }, "CONFIG_NUMBER"],
  [{ remaining: "101" }, "CONFIG_NUMBER"],
  [{ limit: "3", remaining: "4" }, "CONFIG_NUMBER"],
  [{ account: ["alice"] }, "CONFIG_HUB_ACCOUNT"],
];
test("faulty values are refused by code", () => {
  for (const [flags, code] of faulty) {
    assert.throws(
      () => settingsOf(flags),
      (error) => error instanceof UsageError && error.code === code,
      JSON.stringify(flags),
    );
  }
});
