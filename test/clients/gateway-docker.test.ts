// docker through `chubo gateway`, set up by what docs/gateway.md says: pulls, builds with BuildKit and without.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ChuboGateway, runProgram, startChuboGateway } from "../fixtures/chubo-gateway.ts";
import { startDockerd } from "../fixtures/dockerd.ts";

const skip =
  process.getuid?.() !== 0
    ? "dockerd needs root"
    : (["/usr/sbin/dockerd", "/usr/bin/docker"].find((file) => !existsSync(file)) ?? false);

interface DockerOptions {
  /** Of daemon.json. */
  config?: string;
  variables?: Record<string, string>;
}

/** A docker whose daemon has nothing yet. */
async function openDocker(t: TestContext, options: DockerOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), "chubo-gateway-docker-"));
  const context = join(directory, "context");
  await mkdir(context);
  const file = join(directory, "daemon.json");
  await writeFile(file, options.config ?? "{}");
  const daemon = await startDockerd(directory, options.variables, ["--config-file", file]);
  // The daemon unmounts its data when it ends.
  t.after(() => daemon.stop().then(() => rm(directory, { recursive: true, force: true })));
  return async (script: string, variables: Record<string, string> = {}) => {
    const env = { ...process.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DOCKER_HOST: daemon.host, ...variables };
    const place = { env: { ...env, DOCKER_CONFIG: join(directory, "config") }, cwd: context };
    const { code, stdout, stderr } = await runProgram("sh", ["-ec", script], place);
    assert.equal(code, 0, `${script}\n${stderr}`);
    return stdout;
  };
}

/** With each builder an image of its own, so that none finds the other's. */
async function buildBoth(docker: Awaited<ReturnType<typeof openDocker>>, from: string, variables = {}): Promise<void> {
  for (const buildKit of ["0", "1"]) {
    const file = `printf '%s\\n' 'FROM ${from}' 'COPY index.html /htdocs/' > Dockerfile; echo ${buildKit} > index.html`;
    await docker(`${file}; docker build -t site:${buildKit} . && docker image inspect site:${buildKit}`, {
      DOCKER_BUILDKIT: buildKit,
      ...variables,
    });
  }
}

function requestsFor(gateway: ChuboGateway, name: string) {
  return gateway.events.filter(({ event, repository }) => event === "request" && repository === name);
}

test("docker pulls and builds through its mirror once it is warm, with no pull left at Docker Hub", {
  skip,
}, async (t) => {
  const gateway = await startChuboGateway(t);
  const config = gateway.snippet("/etc/docker/daemon.json");
  const first = await openDocker(t, { config });
  await first("docker pull -q httpd:2.4");
  gateway.hub.setRemaining(0);
  const second = await openDocker(t, { config });
  await second("docker pull -q httpd:2.4");
  for (const buildKit of ["0", "1"]) {
    const cold = await openDocker(t, { config });
    const file = "printf 'FROM httpd:2.4\\nCOPY index.html /htdocs/\\n' > Dockerfile; echo hello > index.html";
    await cold(`${file}; docker build -t site . && docker image inspect site`, { DOCKER_BUILDKIT: buildKit });
  }
  const served = requestsFor(gateway, "docker.io/library/httpd");
  assert.ok(served.length > 0);
  assert.deepEqual([...new Set(served.map(({ status }) => status))], [200]);
});

test("docker pulls and builds by prefix, with no pull left at Docker Hub", { skip }, async (t) => {
  const gateway = await startChuboGateway(t);
  const first = await openDocker(t);
  await first(gateway.snippet("docker-prefix"));
  gateway.hub.setRemaining(0);
  const second = await openDocker(t);
  const [, from = ""] = /^FROM (\S+)$/m.exec(gateway.snippet("Dockerfile")) ?? [];
  await buildBoth(second, from);
  await second(gateway.snippet("docker-prefix"));
});

test("docker pulls and builds under Docker Hub's own name by proxy, with no pull left", { skip }, async (t) => {
  const gateway = await startChuboGateway(t);
  const unit = gateway.snippet("/etc/systemd/system/docker.service.d/chubo.conf");
  const variables = Object.fromEntries(
    [...unit.matchAll(/^Environment="(\w+)=(.*)"$/gm)].map((match) => match.slice(1)),
  );
  assert.deepEqual(Object.keys(variables), ["HTTPS_PROXY", "SSL_CERT_FILE"]);
  const first = await openDocker(t, { variables });
  await first("docker pull -q httpd:2.4");
  gateway.hub.setRemaining(0);
  const second = await openDocker(t, { variables });
  await buildBoth(second, "httpd:2.4", variables);
  const login = await second("echo correct-horse | docker login --username alice --password-stdin", variables);
  assert.match(login, /Login Succeeded/);
  await second("docker pull -q httpd:2.4");
  const log = JSON.stringify(gateway.events);
  assert.ok(!log.includes("correct-horse") && !log.includes(btoa("alice:correct-horse")), "no login is logged");
});
