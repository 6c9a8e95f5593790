// The commands of a buildspec after `chubo fix --remedy gateway --mirror`, beside a docker as it runs in a CodeBuild build:
// at its usual places, as a process of the build's own. `chubo run` keeps a build's docker outside of it, where the
// build's commands do not reach it, so that it proves nothing here.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { buildspecOf, writeRepository } from "../fixtures/check-repository.ts";
import { runProgram, startChuboGateway } from "../fixtures/chubo-gateway.ts";

const skip =
  process.getuid?.() !== 0
    ? "dockerd needs root"
    : (["/usr/sbin/dockerd", "/usr/bin/docker"].find((file) => !existsSync(file)) ?? false);

const program = join(import.meta.dirname, "..", "..", "bin", "chubo.js");

/** In namespaces of its own: nothing of this machine's docker is seen or changed, and all of it ends with the script. */
const machine = `
set -e
directory=$1
mkdir -p "$directory/etc" "$directory/log" /etc/docker
mount --bind "$directory/etc" /etc/docker
mount --bind "$directory/log" /var/log
mount -t tmpfs tmpfs /run
nohup dockerd --host=unix:///var/run/docker.sock --data-root "$directory/data" --exec-root "$directory/exec" \\
  --bridge=none --iptables=false --ip6tables=false > "$directory/dockerd.log" 2>&1 &
timeout 60 sh -c 'until docker info > /dev/null 2>&1; do sleep 0.2; done'
cd "$directory"
for command in commands/*; do sh "$command"; done
docker info --format '{{.RegistryConfig.Mirrors}}'
pid=$(cat /var/run/docker.pid)
kill "$pid"
while [ -e /var/run/docker.pid ]; do sleep 0.2; done
`;

test("docker in a CodeBuild build pulls by the mirror that fix has given it, BuildKit too, with no pull left", {
  skip,
}, async (t) => {
  const gateway = await startChuboGateway(t);
  const upstreams = ["--upstream", `docker.io=${gateway.hub.url}`];
  const prefetch = [
    program,
    "gateway",
    "prefetch",
    "httpd:2.4",
    "--state",
    join(gateway.directory, "state"),
    ...upstreams,
  ];
  assert.equal((await runProgram(process.execPath, prefetch)).code, 0);
  gateway.hub.setRemaining(0);

  const builds = [1, 0].map((buildKit) => `DOCKER_BUILDKIT=${buildKit} docker build -t site:${buildKit} app`);
  const root = writeRepository(t, {
    "buildspec.yml": buildspecOf(...builds),
    "app/Dockerfile": "FROM httpd:2.4\nCOPY index.html /htdocs/\n",
    "app/index.html": "hello\n",
    "commands/.keep": "",
  });
  const words = [program, "fix", root, "--remedy", "gateway", "--gateway", gateway.place, "--mirror"];
  const mended = await runProgram(process.execPath, words);
  assert.equal(mended.code, 0, mended.stdout + mended.stderr);
  const { phases } = parse(readFileSync(join(root, "buildspec.yml"), "utf8"));
  const commands: string[] = [...phases.pre_build.commands, ...phases.build.commands];
  assert.equal(commands.length, 3);
  for (const [index, command] of commands.entries()) writeFileSync(join(root, "commands", String(index)), command);

  writeFileSync(join(root, "machine.sh"), machine);
  const spaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: root };
  const built = await runProgram("unshare", [...spaces, "sh", join(root, "machine.sh"), root], { env, cwd: root });
  assert.equal(built.code, 0, built.stdout + built.stderr);
  assert.match(built.stdout, new RegExp(`^\\[http://${gateway.place}/\\]$`, "m"));
  const served = gateway.events.filter(({ event, repository }) => {
    return event === "request" && repository === "docker.io/library/httpd";
  });
  assert.ok(served.length > 0);
  assert.deepEqual([...new Set(served.map(({ status }) => status))], [200]);
});
