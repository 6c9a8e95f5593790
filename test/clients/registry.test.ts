// Real skopeo, podman and docker push and pull with ECR's login. Each has its own storage, config and home.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type ContentAccount, startContentAccount } from "../fixtures/content-account.ts";
import { startDockerd } from "../fixtures/dockerd.ts";
import { writeOciLayout } from "../fixtures/oci-layout.ts";

const run = promisify(execFile);
/** Reason to skip, where a client is not installed. The login password comes from the AWS CLI in each case. */
function lacks(...paths: string[]): string | false {
  const missing = ["/usr/bin/aws", ...paths].find((path) => !existsSync(path));
  return missing === undefined ? false : `${missing} is not installed`;
}
let account: ContentAccount;
let directory: string;
let imageDigest: string;
let passwords: { owner: string; reader: string };

before(async () => {
  if (lacks() !== false) return;
  account = await startContentAccount();
  directory = mkdtempSync(join(tmpdir(), "chubo-clients-"));
  imageDigest = writeOciLayout(join(directory, "image"), "served");
  passwords = {
    owner: await loginPassword(account.environment),
    reader: await loginPassword(account.readerEnvironment),
  };
  for (const name of ["skopeo/app", "podman/app", "docker/app"])
    await aws("ecr", "create-repository", "--repository-name", name);
  await aws("ecr", "create-repository", "--repository-name", "fixed", "--image-tag-mutability", "IMMUTABLE");
});
after(async () => {
  if (lacks() !== false) return;
  assert.deepEqual(account.defects, []);
  await account.close();
  rmSync(directory, { recursive: true, force: true });
});

async function aws(...words: string[]): Promise<string> {
  const { stdout } = await run("/usr/bin/aws", ["--endpoint-url", `http://${account.host}`, ...words], {
    env: account.environment,
  });
  return stdout;
}

async function loginPassword(env: NodeJS.ProcessEnv): Promise<string> {
  const words = ["--endpoint-url", `http://${account.host}`, "ecr", "get-login-password"];
  return (await run("/usr/bin/aws", words, { env })).stdout.trim();
}

/** Both output streams; throws with the error stream where the command fails. */
async function client(command: string, words: string[], input = ""): Promise<string> {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: directory, XDG_RUNTIME_DIR: directory };
  const running = run(command, words, { env });
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (reason: Error & { stderr?: string }) => reason,
  );
  return `${error.message}`;
}

test("skopeo logs in, pushes, inspects and pulls the same bytes", { skip: lacks("/usr/bin/skopeo") }, async () => {
  const auth = join(directory, "skopeo-auth.json");
  const login = ["login", "--tls-verify=false", "--authfile", auth, "-u", "AWS", "--password-stdin", account.host];
  await client("skopeo", login, passwords.owner);
  const image = `docker://${account.host}/skopeo/app:v1`;
  const source = `oci:${join(directory, "image")}:image`;
  await client("skopeo", ["copy", "--authfile", auth, "--dest-tls-verify=false", source, image]);
  const inspected = JSON.parse(await client("skopeo", ["inspect", "--authfile", auth, "--tls-verify=false", image]));
  assert.equal(inspected.Digest, imageDigest);
  assert.deepEqual(inspected.RepoTags, ["v1"]);
  const back = join(directory, "back");
  mkdirSync(back);
  await client("skopeo", ["copy", "--authfile", auth, "--src-tls-verify=false", image, `oci:${back}:image`]);
  const path = join("blobs", "sha256", imageDigest.slice("sha256:".length));
  assert.deepEqual(readFileSync(join(back, path)), readFileSync(join(directory, "image", path)));
  assert.equal(account.pushes.at(-1)?.tag, "v1");
});

test("skopeo shows a wrong password, a missing repository, a fixed tag and a denied push in ECR's words", {
  skip: lacks("/usr/bin/skopeo"),
}, async () => {
  const source = `oci:${join(directory, "image")}:image`;
  const push = (name: string, password: string, from = source) =>
    client("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      "--dest-creds",
      `AWS:${password}`,
      from,
      `docker://${account.host}/${name}`,
    ]);
  assert.match(await failure(push("skopeo/app:v2", "wrong")), /unauthorized|authentication required/);
  assert.match(
    await failure(push("none:v1", passwords.owner)),
    /name unknown: The repository with name 'none' does not exist in the registry with id '111122223333'/,
  );
  await push("fixed:v1", passwords.owner);
  await push("fixed:v1", passwords.owner);
  writeOciLayout(join(directory, "other"), "another text");
  assert.match(
    await failure(push("fixed:v1", passwords.owner, `oci:${join(directory, "other")}:image`)),
    /tag invalid: The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the repository is immutable\./,
  );
  // skopeo begins with a HEAD, whose answer has no room for a sentence; so it is on AWS.
  assert.match(
    await failure(push("skopeo/app:v2", passwords.reader)),
    /failed to read from destination repository skopeo\/app: 403 \(Forbidden\)/,
  );
});

test("podman logs in, pushes and pulls", { skip: lacks("/usr/bin/podman") }, async () => {
  const storage = [
    "--root",
    join(directory, "podman"),
    "--runroot",
    join(directory, "podman-run"),
    "--storage-driver",
    "vfs",
  ];
  const podman = (...words: string[]) => client("podman", [...storage, ...words]);
  const auth = ["--tls-verify=false", "--authfile", join(directory, "podman-auth.json")];
  await client(
    "podman",
    [...storage, "login", ...auth, "-u", "AWS", "--password-stdin", account.host],
    passwords.owner,
  );
  const image = `${account.host}/podman/app:v1`;
  await podman("import", "-q", join(directory, "image", "layer.tar"), image);
  await podman("push", ...auth, image);
  await podman("rmi", "-af");
  await podman("pull", ...auth, image);
  assert.match(await podman("images", "--format", "{{.Repository}}:{{.Tag}}"), new RegExp(image));
});

const lacksDocker = process.getuid?.() === 0 ? lacks("/usr/sbin/dockerd", "/usr/bin/docker") : "dockerd needs root";

test("docker logs in, pushes, pulls, and prints ECR's refusals", { skip: lacksDocker }, async () => {
  const daemon = await startDockerd(directory);
  const config = join(directory, "docker-config");
  const docker = (words: string[], input?: string) =>
    client("/usr/bin/docker", ["--config", config, "--host", daemon.host, ...words], input);
  try {
    assert.match(
      await failure(docker(["login", "-u", "AWS", "--password-stdin", account.host], "wrong")),
      /unauthorized|401/i,
    );
    await docker(["login", "-u", "AWS", "--password-stdin", account.host], passwords.owner);
    const image = `${account.host}/docker/app:v1`;
    await docker(["import", join(directory, "image", "layer.tar"), image]);
    assert.match(await docker(["push", image]), /v1: digest: sha256:[0-9a-f]{64} size: \d+/);
    const { imageDetails } = JSON.parse(await aws("ecr", "describe-images", "--repository-name", "docker/app"));
    assert.equal(imageDetails[0].imageManifestMediaType, "application/vnd.docker.distribution.manifest.v2+json");
    await docker(["rmi", image]);
    await docker(["pull", image]);
    const elsewhere = `${account.host}/podman/app:mounted`;
    await docker(["tag", image, elsewhere]);
    assert.match(await docker(["push", elsewhere]), /Mounted from docker\/app/);
    const missing = `${account.host}/none:v1`;
    await docker(["tag", image, missing]);
    assert.match(
      await failure(docker(["push", missing])),
      /name unknown: The repository with name 'none' does not exist in the registry with id '111122223333'/,
    );
    await docker(["login", "-u", "AWS", "--password-stdin", account.host], passwords.reader);
    await docker(["pull", image]);
    assert.match(
      await failure(docker(["push", image])),
      /denied: User: arn:aws:sts::111122223333:assumed-role\/reader\/1 is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:111122223333:repository\/docker\/app because no identity-based policy allows/,
    );
  } finally {
    await daemon.stop();
  }
});
