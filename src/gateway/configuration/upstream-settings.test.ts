import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { UpstreamConfig } from "./gateway-config.ts";
import { parseByteSize, parseDuration } from "./parse-quantity.ts";
import { createAllowList, openUpstreamSettings, withWellKnown } from "./upstream-settings.ts";

async function open(config: UpstreamConfig, variables: Record<string, string> = {}, directory = "/") {
  const notes: string[] = [];
  const surroundings = { variables, directory, now: Date.now, onNote: (text: string) => void notes.push(text) };
  const [settings] = await openUpstreamSettings([config], surroundings);
  return { settings, names: settings?.identities.map(({ name }) => name), notes };
}

const minute = 60_000;

test("an owner who says nothing is asked as the environment's account and as nobody", async () => {
  assert.deepEqual((await open({ name: "docker.io" })).names, ["anonymous"]);
  const variables = { CHUBO_UPSTREAM_DOCKER_IO_USERNAME: "acme", CHUBO_UPSTREAM_DOCKER_IO_PASSWORD: "correct-horse" };
  assert.deepEqual((await open({ name: "docker.io" }, variables)).names, ["acme", "anonymous"]);
  assert.deepEqual((await open({ name: "docker.io", identities: [{ kind: "anonymous" }] }, variables)).names, [
    "anonymous",
  ]);
});

test("a password file is read at use, without the line end", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "chubo-identities-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "password"), "correct horse\n");
  const identities = [{ kind: "password-file", username: "acme", file: "password" }] as const;
  const { settings } = await open({ name: "docker.io", identities }, {}, directory);
  assert.equal((await settings?.identities[0]?.credentials?.())?.password, "correct horse");
});

test("a source that cannot be read is noted, and nobody to ask as is refused", async () => {
  const missing = { kind: "credentials-file", file: "/nowhere/credentials" } as const;
  const { names, notes } = await open({ name: "docker.io", identities: [missing, { kind: "anonymous" }] });
  assert.deepEqual(names, ["anonymous"]);
  assert.match(notes[0] ?? "", /^docker\.io: .*\/nowhere\/credentials cannot be read: ENOENT$/);
  await assert.rejects(open({ name: "docker.io", identities: [missing] }), { code: "CONFIG_UPSTREAM_ACCOUNT" });
});

test("the owner's times to live go before the usual ones, and the first that matches counts", async () => {
  const { settings } = await open({ name: "docker.io", tags: [{ match: "acme/*:v*", timeToLive: 0 }] });
  const timeToLive = (name: string) => {
    const [repository = "", tag = ""] = name.split(":");
    return settings?.tags.timeToLive(repository, tag);
  };
  assert.equal(timeToLive("acme/team/app:v1"), 0);
  assert.equal(timeToLive("acme/app:latest"), 5 * minute);
  assert.equal(timeToLive("library/httpd:2.4"), 60 * minute);
  assert.equal(timeToLive("library/httpd:latest"), 10 * minute);
});

test("patterns let their repositories through alone, and well-known registries need no entry", () => {
  const configs = withWellKnown([
    { name: "ghcr.io", allow: ["acme/*", "other/a.b"] },
    { name: "quay.io", allow: [] },
  ]);
  const isAllowed = createAllowList(configs);
  assert.ok(
    isAllowed("ghcr.io", "acme/app") && isAllowed("ghcr.io", "acme/team/app") && isAllowed("ghcr.io", "other/a.b"),
  );
  assert.ok(!isAllowed("ghcr.io", "acme") && !isAllowed("ghcr.io", "other/axb") && !isAllowed("ghcr.io", "x/acme/app"));
  assert.ok(!isAllowed("quay.io", "prometheus/prometheus"));
  assert.ok(isAllowed("docker.io", "library/httpd"));
  assert.equal(configs.filter(({ name }) => name === "ghcr.io").length, 1);
});

test("durations and sizes are read with their units, and not without", () => {
  assert.deepEqual(["0", "500ms", "20s", "10m", "1.5h", "30d"].map(parseDuration), [
    ...[0, 500, 20_000, 600_000, 5_400_000, 30 * 24 * 3_600_000],
  ]);
  assert.deepEqual(["50GB", "1.5 GiB", "10kb", "7B"].map(parseByteSize), [50e9, 1.5 * 2 ** 30, 10_000, 7]);
  for (const text of ["", "5", "-1s", "1w", "s", "1e3s", "٣s"]) assert.equal(parseDuration(text), undefined);
  for (const text of ["", "50", "GB", "5 G", "1,5GB"]) assert.equal(parseByteSize(text), undefined);
});
