// podman, buildah and skopeo through `chubo gateway`, set up by what docs/gateway.md says.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ChuboGateway, lacking, runProgram, startChuboGateway } from "../fixtures/chubo-gateway.ts";

const httpd = "docker.io/library/httpd:2.4";

/** A shell in which each client keeps its data in a new directory, so that it has to pull. */
function openShell(gateway: ChuboGateway, name: string) {
  const home = join(gateway.directory, name);
  mkdirSync(home);
  const storage = join(home, "storage.conf");
  writeFileSync(storage, `[storage]\ndriver = "vfs"\ngraphroot = "${home}/root"\nrunroot = "${home}/run"\n`);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_RUNTIME_DIR: home,
    CONTAINERS_STORAGE_CONF: storage,
    BUILDAH_ISOLATION: "chroot",
  };
  return {
    home,
    env,
    useRegistriesConf(text: string) {
      const file = join(home, "registries.conf");
      writeFileSync(file, text);
      env.CONTAINERS_REGISTRIES_CONF = file;
      return file;
    },
    async run(script: string): Promise<string> {
      const { code, stdout, stderr } = await runProgram("sh", ["-ec", script], { env, cwd: home });
      assert.equal(code, 0, `${script}\n${stderr}`);
      return stdout;
    },
  };
}

/** Lines of a snippet for one client; `export` lines are for all of them. */
function linesFor(snippet: string, client: string): string {
  const lines = snippet.split("\n").filter((line) => line.startsWith(`${client} `) || line.startsWith("export "));
  assert.ok(lines.some((line) => line.startsWith(client)));
  return lines.join("\n");
}

async function startWarm(t: TestContext): Promise<ChuboGateway> {
  const gateway = await startChuboGateway(t);
  const warm = openShell(gateway, "warm");
  await warm.run(`skopeo copy -q --src-tls-verify=false docker://${gateway.place}/${httpd} dir:image`);
  gateway.hub.setRemaining(0);
  return gateway;
}

for (const client of ["podman", "buildah", "skopeo"]) {
  const skip = lacking(client) || lacking("skopeo");

  test(`${client} pulls by prefix and by proxy what is stored, with no pull left at Docker Hub`, {
    skip,
  }, async (t) => {
    const gateway = await startWarm(t);
    for (const way of ["containers-prefix", "containers-proxy"]) {
      await openShell(gateway, `${client}-${way}`).run(linesFor(gateway.snippet(way), client));
    }
    const asked = gateway.events.filter(({ event, status }) => event === "request" && status !== 200);
    assert.deepEqual(asked, []);
  });

  for (const name of ["/etc/containers/registries.conf.d/chubo.conf", "registries.conf"]) {
    test(`${client} pulls by its usual name with ${name}, with no pull left at Docker Hub`, { skip }, async (t) => {
      const gateway = await startWarm(t);
      const shell = openShell(gateway, client);
      const file = shell.useRegistriesConf(gateway.snippet(name));
      // Other than the engines, skopeo takes no file from a variable.
      const copy = `skopeo --registries-conf ${file} copy -q docker://${httpd} dir:image`;
      await shell.run(client === "skopeo" ? copy : `${client} pull -q ${httpd}`);
      const served = gateway.events.filter(({ repository }) => repository === "docker.io/library/httpd");
      assert.ok(served.length > 0);
    });
  }
}

test("buildah builds on stored images with no pull left at Docker Hub", { skip: lacking("buildah") }, async (t) => {
  const gateway = await startWarm(t);
  const shell = openShell(gateway, "build");
  shell.useRegistriesConf(gateway.snippet("/etc/containers/registries.conf.d/chubo.conf"));
  writeFileSync(join(shell.home, "Dockerfile"), `FROM ${httpd}\nCOPY index.html /htdocs/\n`);
  writeFileSync(join(shell.home, "index.html"), "hello\n");
  await shell.run("buildah bud -q -t site .");
  assert.match(await shell.run("buildah images"), /localhost\/site/);
});

test("skopeo is told Docker Hub's words where nothing is stored", { skip: lacking("skopeo") }, async (t) => {
  const gateway = await startChuboGateway(t, { hub: { remaining: 0, retryAfter: 1 }, config: "wait: 0\n" });
  const image = `docker://${gateway.place}/docker.io/chubo/big:200mb`;
  const { code, stderr } = await runProgram("skopeo", ["inspect", "--tls-verify=false", image]);
  assert.notEqual(code, 0);
  assert.match(stderr, /toomanyrequests: .*You have reached your pull rate limit/);
});

test("skopeo logs in to the gateway by prefix, and to its proxy", { skip: lacking("skopeo") }, async (t) => {
  const gateway = await startChuboGateway(t, {
    files: { clients: "alice:correct-horse\n" },
    config: "clients: { basic: clients }\n",
  });
  const shell = openShell(gateway, "login");
  const prefix = `--tls-verify=false docker://${gateway.place}/${httpd}`;
  const refused = await runProgram("sh", ["-c", `skopeo inspect --no-tags ${prefix}`], shell);
  assert.match(refused.stderr, /unauthorized|authentication required/);
  await shell.run(`skopeo inspect --no-tags --creds alice:correct-horse ${prefix}`);
  const proxy = `HTTPS_PROXY=http://alice:correct-horse@${gateway.place} SSL_CERT_FILE=${gateway.bundleFile}`;
  await shell.run(`${proxy} skopeo inspect docker://${httpd}`);
  assert.ok(!JSON.stringify(gateway.events).includes("correct-horse"));
});
