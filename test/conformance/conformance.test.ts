// The OCI distribution specification 1.1, case by case, over HTTP. docs/conformance.md has the table, and the command
// for any other registry: REGISTRY_URL=http://127.0.0.1:5000 node --test test/conformance/conformance.test.ts
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RegistryServer, startRegistryServer } from "../fixtures/registry-server.ts";
import { conformanceGroups } from "./conformance-groups.ts";
import { openRegistryClient, type RegistryClient } from "./registry-client.ts";

const { REGISTRY_URL } = process.env;
/** Another registry may hold what an earlier run left. */
const root = REGISTRY_URL === undefined ? "conformance" : `conformance/${Date.now().toString(36)}`;

describe("OCI distribution specification 1.1", () => {
  let server: RegistryServer | undefined;
  let registry: RegistryClient;
  before(async () => {
    server = REGISTRY_URL === undefined ? await startRegistryServer() : undefined;
    registry = openRegistryClient(REGISTRY_URL ?? server?.origin ?? "");
  });
  after(async () => {
    registry.close();
    await server?.close();
  });

  for (const { name, cases } of conformanceGroups(root)) {
    describe(name, () => {
      for (const one of cases) test(one.name, () => one.run(registry));
    });
  }

  test("nothing of this was a defect", () => assert.deepEqual(server?.defects ?? [], []));
});
