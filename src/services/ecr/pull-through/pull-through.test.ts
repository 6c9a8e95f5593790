import assert from "node:assert/strict";
import { test } from "node:test";
import { account, region } from "../../../../test/fixtures/ecr-server.ts";
import {
  builder,
  credentialArn,
  dockerHubRule,
  openPullThroughBench as openBench,
} from "../../../../test/fixtures/pull-through-bench.ts";

async function errorOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
  return `${response.status} ${errors[0]?.code}: ${errors[0]?.message}`;
}

interface Manifest {
  manifests?: { digest: string }[];
  config?: { digest: string };
  layers?: { digest: string }[];
}

const busybox = "docker-hub/library/busybox";

test("the first pull makes the repository and takes the image in, as the secret's account", async (t) => {
  const { server, pulls, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  const index = (await (await get(`${busybox}/manifests/latest`)).json()) as Manifest;
  const platform = index.manifests?.[0]?.digest;
  const manifest = (await (await get(`${busybox}/manifests/${platform}`)).json()) as Manifest;
  for (const { digest } of [manifest.config, ...(manifest.layers ?? [])].filter((one) => one !== undefined)) {
    assert.equal((await get(`${busybox}/blobs/${digest}`)).status, 200);
  }
  const { repositories } = await server.call("DescribeRepositories", { repositoryNames: [busybox] });
  assert.equal(repositories?.[0]?.repositoryName, busybox);
  assert.deepEqual(
    pulls.list().map(({ as, status }) => [as, status]),
    [
      ["alice", 200],
      ["alice", 200],
    ],
  );
  assert.deepEqual(server.pushes, [], "nobody has pushed");
});

test("what was taken in is pulled again without the upstream, which is asked for a tag after a day", async (t) => {
  const { server, hub, clock, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  await get(`${busybox}/manifests/latest`);
  const before = hub.requests().length;
  assert.equal((await get(`${busybox}/manifests/latest`)).status, 200);
  assert.equal((await get(`${busybox}/manifests/latest`, "HEAD")).status, 200);
  assert.equal(hub.requests().length, before);
  clock.now += 24 * 3600 * 1000 - 1;
  await server.call("DescribePullThroughCacheRules", {});
  const login = await server.login(builder);
  const again = () => fetch(`${server.origin}/v2/${busybox}/manifests/latest`, { headers: { authorization: login } });
  assert.equal((await again()).status, 200);
  assert.equal(hub.requests().length, before);
  clock.now += 1;
  assert.equal((await again()).status, 200);
  const asked = hub.requests().slice(before);
  assert.ok(asked.some(({ method, path }) => method === "HEAD" && path.includes("/manifests/latest")));
  assert.ok(asked.every(({ method, path }) => method === "HEAD" || !path.includes("/manifests/")));
  await hub.stop();
  clock.now += 48 * 3600 * 1000;
  const later = await fetch(`${server.origin}/v2/${busybox}/manifests/latest`, {
    headers: { authorization: await server.login(builder) },
  });
  assert.equal(later.status, 200, "served on without the upstream");
});

test("without the role's permissions the repository does not come into being, and both are asked for", async (t) => {
  const { server, denied, asked, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  for (const action of ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]) {
    denied.clear();
    denied.add(action);
    assert.equal(
      await errorOf(await get(`${busybox}/manifests/latest`)),
      `404 NAME_UNKNOWN: The repository with name '${busybox}' does not exist in the registry with id '${account}'`,
    );
  }
  const resource = `arn:aws:ecr:${region}:${account}:repository/${busybox}`;
  for (const action of ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]) {
    assert.ok(
      asked.some((one) => one.action === action && one.resource === resource),
      action,
    );
  }
});

test("a repository that is there needs no permission to create it, and nothing comes into it without the import's", async (t) => {
  const { server, denied, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  await server.call("CreateRepository", { repositoryName: busybox });
  denied.add("ecr:BatchImportUpstreamImage");
  assert.match(await errorOf(await get(`${busybox}/manifests/latest`)), /^404 MANIFEST_UNKNOWN: Requested image not/);
  denied.clear();
  denied.add("ecr:CreateRepository");
  assert.equal((await get(`${busybox}/manifests/latest`)).status, 200);
});

test("one who may not import does not spoil the pull of one who may", async (t) => {
  const { server, denied, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  denied.add("ecr:CreateRepository");
  const refused = get(`${busybox}/manifests/latest`);
  assert.equal((await refused).status, 404);
  denied.clear();
  const both = await Promise.all([get(`${busybox}/manifests/latest`), get(`${busybox}/manifests/latest`)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [200, 200],
  );
});

test("no image is taken in by a digest that is not of an index that is here", async (t) => {
  const { server, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  const index = (await (await get(`${busybox}/manifests/latest`)).json()) as Manifest;
  await server.call("DeleteRepository", { repositoryName: busybox, force: true });
  const { digest = "" } = index.manifests?.[0] ?? {};
  assert.match(await errorOf(await get(`${busybox}/manifests/${digest}`)), /^404 NAME_UNKNOWN/);
});

test("a secret that the upstream refuses, or that has other keys, is told in ECR's words", async (t) => {
  const { server, secret, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  for (const text of [
    '{"username":"alice","accessToken":"wrong"}',
    '{"username":"alice","password":"correct-horse"}',
  ]) {
    secret.text = text;
    assert.match(
      await errorOf(await get(`${busybox}/manifests/latest`)),
      /^403 DENIED: The authentication to the upstream registry failed\./,
    );
    const { isValid, failure } = await server.call("ValidatePullThroughCacheRule", {
      ecrRepositoryPrefix: "docker-hub",
    });
    assert.equal(isValid, false);
    assert.match(failure ?? "", /authentication to the upstream/);
  }
  secret.text = '{"username":"alice","accessToken":"correct-horse"}';
  const { isValid } = await server.call("ValidatePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub" });
  assert.equal(isValid, true);
});

test("the upstream's limit is passed on, and what it has not is not found", async (t) => {
  const { server, hub, get } = await openBench(t);
  await server.call("CreatePullThroughCacheRule", dockerHubRule);
  assert.match(await errorOf(await get("docker-hub/library/busybox/manifests/none")), /^404 NAME_UNKNOWN/);
  assert.match(await errorOf(await get("other/busybox/manifests/latest")), /^404 NAME_UNKNOWN/);
  hub.setRemaining(0, { account: "alice" });
  assert.match(await errorOf(await get(`${busybox}/manifests/latest`)), /^429 TOOMANYREQUESTS: .*pull rate limit/);
});

test("a rule is described, refused a second time, and gone when it is deleted", async (t) => {
  const { server } = await openBench(t);
  const created = await server.call("CreatePullThroughCacheRule", dockerHubRule);
  assert.equal(created.registryId, account);
  const { pullThroughCacheRules } = await server.call("DescribePullThroughCacheRules", {});
  assert.equal(pullThroughCacheRules?.[0]?.upstreamRegistry, "docker-hub");
  await assert.rejects(server.call("CreatePullThroughCacheRule", dockerHubRule), {
    name: "PullThroughCacheRuleAlreadyExistsException",
  });
  await server.call("UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub/", credentialArn });
  await server.call("DeletePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub" });
  await assert.rejects(server.call("DeletePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub" }), {
    name: "PullThroughCacheRuleNotFoundException",
  });
});

test("refuses rules that ECR would refuse", async (t) => {
  const { server } = await openBench(t);
  const create = (changes: object) => server.call("CreatePullThroughCacheRule", { ...dockerHubRule, ...changes });
  const otherSecret = credentialArn.replace("ecr-pullthroughcache/", "");
  await assert.rejects(create({ credentialArn: otherSecret }), { name: "InvalidParameterException" });
  await assert.rejects(create({ credentialArn: `${credentialArn}x` }), { name: "SecretNotFoundException" });
  await assert.rejects(create({ credentialArn: undefined }), /^UnsupportedUpstreamRegistryException: .*authentication/);
  await assert.rejects(create({ upstreamRegistryUrl: "docker.io" }), { name: "UnsupportedUpstreamRegistryException" });
  await assert.rejects(create({ upstreamRegistry: "quay" }), { name: "UnsupportedUpstreamRegistryException" });
  for (const ecrRepositoryPrefix of ["x", "Docker", "a".repeat(31), "/hub"]) {
    await assert.rejects(create({ ecrRepositoryPrefix }), { name: "InvalidParameterException" });
  }
  await assert.rejects(create({ customRoleArn: "arn:aws:iam::111122223333:role/x" }), /chubo/);
});
