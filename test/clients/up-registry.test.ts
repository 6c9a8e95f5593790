// docker, podman and skopeo under the real host names, set up by nothing but what `chubo up` prints.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findDockerClients } from "../../src/containers/docker-client.ts";
import { findPrograms, programPath } from "../../src/containers/find-program.ts";
import { type ChuboUp, startChuboUp } from "../fixtures/chubo-up.ts";
import { type Dockerd, startDockerd } from "../fixtures/dockerd.ts";

const path = programPath("");
const lacks = (program: string) => (findPrograms(program, path).length > 0 ? false : `${program} is not installed`);
const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
const realName = new RegExp(registry.replaceAll(".", "\\."));
const directory = mkdtempSync(join(tmpdir(), "chubo-test-up-"));
let up: ChuboUp;

before(async () => {
  up = await startChuboUp(directory);
  for (const name of ["podman", "skopeo", "docker"]) {
    await up.shell(`aws ecr create-repository --repository-name up/${name}`);
  }
});
after(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The digest that ECR has for a tag. */
async function pushedDigest(repository: string, tag: string): Promise<string> {
  const words = `--repository-name ${repository} --image-ids imageTag=${tag} --query 'imageDetails[0].imageDigest'`;
  return (await up.shell(`aws ecr describe-images ${words} --output text`)).trim();
}

test("podman logs in to ECR, pulls from Docker Hub, pushes and pulls", { skip: lacks("podman") }, async () => {
  const storage = join(directory, "storage.conf");
  const places = `graphroot = "${directory}/podman"\nrunroot = "${directory}/podman-run"`;
  writeFileSync(storage, `[storage]\ndriver = "vfs"\n${places}\n`);
  const image = `${registry}/up/podman:v1`;
  const script = `
    ${up.loginLine("podman", realName)}
    podman pull -q docker.io/library/httpd:2.4
    podman tag docker.io/library/httpd:2.4 ${image}
    podman push -q ${image}
    podman image inspect --format '{{.Id}}' ${image}
    podman rmi -af >&2
    podman pull -q ${image}`;
  const printed = await up.shell(script, { XDG_RUNTIME_DIR: directory, CONTAINERS_STORAGE_CONF: storage });
  const [login, first, pushed, pulled] = printed.trim().split("\n");
  assert.equal(login, "Login Succeeded!");
  assert.deepEqual([pushed, pulled], [first, first]);
  assert.match(await pushedDigest("up/podman", "v1"), /^sha256:/);
});

test("skopeo logs in to ECR and copies from Docker Hub, to it and from it", { skip: lacks("skopeo") }, async () => {
  const image = `docker://${registry}/up/skopeo:v1`;
  const script = `
    ${up.loginLine("skopeo", realName)} >&2
    skopeo copy -q --all docker://docker.io/library/httpd:2.4 ${image}
    skopeo copy -q --all ${image} dir:${directory}/copy
    sha256sum <${directory}/copy/manifest.json`;
  const [sum] = (await up.shell(script, { XDG_RUNTIME_DIR: directory })).split(" ");
  assert.equal(`sha256:${sum}`, await pushedDigest("up/skopeo", "v1"));
});

const lacksDocker = process.getuid?.() === 0 ? lacks("dockerd") : "dockerd needs root";

describe("docker", { skip: lacksDocker }, () => {
  let daemon: Dockerd;
  before(async () => {
    const lines = up.lines.flatMap((line) => /^ +Environment="(\w+)=(.*)"$/.exec(line)?.slice(1) ?? []);
    const variables: Record<string, string> = {};
    for (let at = 0; at < lines.length; at += 2) variables[lines[at] as string] = lines[at + 1] as string;
    daemon = await startDockerd(directory, variables);
  });
  after(() => daemon.stop());

  function docker(script: string, client: string): Promise<string> {
    const config = join(directory, "docker-config");
    rmSync(config, { recursive: true, force: true });
    const environment = { DOCKER_HOST: daemon.host, DOCKER_CONFIG: config };
    return up.shell(script, { ...environment, PATH: `${dirname(client)}:${path}` });
  }

  test("every docker client here logs in to ECR, pulls from Docker Hub, pushes and pulls", async () => {
    const clients = await findDockerClients(path);
    assert.ok(clients.length > 0);
    for (const { file, major } of clients) {
      const image = `${registry}/up/docker:v${major}`;
      const script = `
        docker --version
        ${up.loginLine("docker", realName)}
        docker pull -q httpd:2.4
        docker tag httpd:2.4 ${image}
        docker push ${image}
        docker rmi -f ${image} httpd:2.4 >&2
        docker pull -q ${image}`;
      const printed = await docker(script, file);
      assert.match(printed, new RegExp(`^Docker version ${major}\\.`));
      assert.match(printed, /^Login Succeeded$/m);
      const [, digest] = new RegExp(`^v${major}: digest: (sha256:\\w+) size`, "m").exec(printed) ?? [];
      assert.equal(digest, await pushedDigest("up/docker", `v${major}`));
      assert.ok(printed.endsWith(`${image}\n`), printed);
    }
  });

  test("docker logs in to the port's own address, and pushes and pulls there", async () => {
    const line = up.loginLine("docker", /127\.0\.0\.1:\d+$/);
    const image = `${line.split(" ").at(-1)}/up/docker:local`;
    const script = `
      ${line}
      docker pull -q httpd:2.4 && docker tag httpd:2.4 ${image} && docker push ${image} && docker rmi ${image}
      docker pull -q ${image}`;
    const printed = await docker(script, "/usr/bin/docker");
    assert.match(printed, /^local: digest: sha256:/m);
    assert.ok(printed.endsWith(`${image}\n`), printed);
  });
});

test("nothing printed names a service that is not there", () => {
  assert.doesNotMatch(up.lines.join("\n"), /git|codecommit/i);
});
