import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDockerHubLogin } from "../../src/check/judge/docker-hub-login.ts";

const hasDocker = spawnSync("docker", ["--version"]).status === 0;

/** An engine as far as `docker login` and `docker pull` ask it: takes any login, and keeps as whom a pull is asked for. */
function startEngine(socket: string) {
  const pulls: string[] = [];
  const answers: [RegExp, string][] = [
    [/\/_ping$/, "OK"],
    [/\/auth$/, '{"Status":"Login Succeeded"}'],
    [/\/info$/, '{"IndexServerAddress":"https://index.docker.io/v1/","OSType":"linux"}'],
    [/\/images\/create\?/, '{"status":"done"}'],
  ];
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    const body = answers.find(([path]) => path.test(url))?.[1];
    if (url.includes("/images/create?")) {
      const sent = Buffer.from(String(headers["x-registry-auth"] ?? ""), "base64url").toString();
      pulls.push(sent.includes('"alice"') ? "alice" : "nobody");
    }
    request.resume().on("end", () => {
      const type = body === "OK" ? "text/plain" : "application/json";
      response.writeHead(body === undefined ? 404 : 200, {
        "api-version": "1.41",
        ostype: "linux",
        "content-type": type,
      });
      response.end(body ?? '{"message":"not asked for here"}');
    });
  });
  server.listen(socket);
  return { pulls, server };
}

describe("docker pulls from Docker Hub as the login that the checker says", { skip: !hasDocker }, () => {
  const folder = mkdtempSync(join(tmpdir(), "chubo-login-"));
  const socket = join(folder, "engine.sock");
  let engine: ReturnType<typeof startEngine>;
  before(() => {
    engine = startEngine(socket);
  });
  after(() => {
    engine.server.close();
    engine.server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  async function docker(configuration: string, args: readonly string[], input = ""): Promise<void> {
    const client = spawn("docker", ["-H", `unix://${socket}`, ...args], {
      env: { ...process.env, DOCKER_CONFIG: configuration },
      stdio: ["pipe", "ignore", "pipe"],
    });
    let errors = "";
    client.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    client.stdin.end(input);
    const status = await new Promise((resolve) => client.on("close", resolve));
    assert.equal(status, 0, errors);
  }

  async function pullAs(configuration: string): Promise<boolean> {
    engine.pulls.length = 0;
    await docker(configuration, ["pull", "httpd:2.4"]);
    assert.equal(engine.pulls.length, 1);
    return engine.pulls[0] === "alice";
  }

  const login = { kind: "login", range: { start: 0, end: 0 }, userName: "alice" } as const;

  for (const host of [
    undefined,
    "docker.io",
    "index.docker.io",
    "https://index.docker.io/v1/",
    "https://index.docker.io/v1",
    "index.docker.io/v1/",
    "https://docker.io",
    "docker.io/alice",
    "registry-1.docker.io",
    "registry.hub.docker.com",
  ]) {
    test(`after docker login ${host ?? "without a host"}`, async () => {
      const configuration = mkdtempSync(join(folder, "client-"));
      const operands = host === undefined ? [] : [host];
      await docker(configuration, ["login", "--username", "alice", "--password-stdin", ...operands], "secret\n");
      assert.equal(await pullAs(configuration), isDockerHubLogin({ ...login, host, password: "stdin" }));
    });
  }

  for (const host of ["docker.io", "index.docker.io", "https://index.docker.io/v1/", "https://index.docker.io/v1"]) {
    test(`with the key ${host} in the client's file`, async () => {
      const configuration = mkdtempSync(join(folder, "client-"));
      const auth = Buffer.from("alice:secret").toString("base64");
      writeFileSync(join(configuration, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
      assert.equal(await pullAs(configuration), isDockerHubLogin({ ...login, host, password: "config" }));
    });
  }
});
