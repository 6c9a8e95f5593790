import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { formatUpInstructions } from "./up-instructions.ts";

const place = { url: "http://127.0.0.1:4566", account: "111122223333", region: "eu-west-1" };
const odd = `/a b/it's 100% $HOME "x"/bundle.pem`;

test("the export lines give a shell every value as it is, whatever characters a path has", () => {
  const exports = formatUpInstructions({ ...place, bundleFile: odd }).filter((line) => line.startsWith("export "));
  const script = [...exports, 'printf "%s|" "$SSL_CERT_FILE" "$AWS_CA_BUNDLE" "$HTTPS_PROXY" "$AWS_REGION"'];
  const printed = execFileSync("/bin/sh", ["-c", script.join("\n")], { env: {}, encoding: "utf8" });
  assert.equal(printed, `${odd}|${odd}|http://127.0.0.1:4566|eu-west-1|`);
});

test("the daemon's lines are quoted as systemd reads them", () => {
  const lines = formatUpInstructions({ ...place, bundleFile: odd }).map((line) => line.trim());
  assert.ok(lines.includes(String.raw`Environment="SSL_CERT_FILE=/a b/it's 100%% $HOME \"x\"/bundle.pem"`));
  assert.ok(lines.includes('Environment="HTTPS_PROXY=http://127.0.0.1:4566"'));
});

test("docker, podman and skopeo each log in to the account's own registry", () => {
  const lines = formatUpInstructions({ ...place, bundleFile: odd });
  for (const client of ["docker", "podman", "skopeo"]) {
    const login = `| ${client} login --username AWS --password-stdin 111122223333.dkr.ecr.eu-west-1.amazonaws.com`;
    assert.equal(lines.filter((line) => line.endsWith(login)).length, 1);
  }
});
