import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { account, type EcrServer, type EcrServerOptions, startEcrServer } from "../../../test/fixtures/ecr-server.ts";
import type { Principal } from "../../aws-api/service.ts";
import { digestOf } from "../../oci/digest.ts";

const session: Principal = {
  arn: `arn:aws:sts::${account}:assumed-role/build/one`,
  account,
  userId: "AROAEXAMPLE:one",
  roleName: "build",
};

async function withServer(options: EcrServerOptions, work: (server: EcrServer) => Promise<void>): Promise<void> {
  const server = await startEcrServer(options);
  try {
    await server.call("CreateRepository", { repositoryName: "app" });
    await work(server);
  } finally {
    await server.close();
  }
}

test("challenges as ECR does and lets a login in", () =>
  withServer({}, async (server) => {
    const refused = await fetch(`${server.origin}/v2/`);
    assert.equal(refused.status, 401);
    const host = new URL(server.origin).host;
    assert.equal(refused.headers.get("www-authenticate"), `Basic realm="https://${host}/",service="ecr.amazonaws.com"`);
    const allowed = await fetch(`${server.origin}/v2/`, { headers: { authorization: await server.login() } });
    assert.equal(allowed.status, 200);
  }));

test("refuses a wrong password, another user and a tampered token", () =>
  withServer({}, async (server) => {
    const token = Buffer.from((await server.login()).slice("Basic ".length), "base64").toString();
    const password = token.slice("AWS:".length);
    const tampered = `AWS:${password.startsWith("A") ? "B" : "A"}${password.slice(1)}`;
    for (const login of ["AWS:wrong", `user:${password}`, tampered, "AWS:"]) {
      const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
      assert.equal((await fetch(`${server.origin}/v2/`, { headers: { authorization } })).status, 401, login);
    }
  }));

test("a token ends after twelve hours, and with its role session", async () => {
  let time = Date.parse("2026-01-01T00:00:00Z");
  let isLive = true;
  await withServer({ now: () => new Date(time), isLive: () => isLive }, async (server) => {
    const headers = { authorization: await server.login(session) };
    const status = async () => (await fetch(`${server.origin}/v2/`, { headers })).status;
    assert.equal(await status(), 200);
    isLive = false;
    assert.equal(await status(), 403);
    isLive = true;
    time += 12 * 3600 * 1000;
    const expired = await fetch(`${server.origin}/v2/`, { headers });
    assert.equal(expired.status, 403);
    assert.match(await expired.text(), /Your authorization token has expired. Reauthenticate and try again./);
  });
});

const digest = digestOf("x");
const requests: [method: string, path: string, action: string][] = [
  ["GET", "app/manifests/v1", "BatchGetImage"],
  ["HEAD", "app/manifests/v1", "BatchGetImage"],
  ["PUT", "app/manifests/v1", "PutImage"],
  ["GET", `app/blobs/${digest}`, "GetDownloadUrlForLayer"],
  ["HEAD", `app/blobs/${digest}`, "BatchCheckLayerAvailability"],
  ["POST", "app/blobs/uploads/", "InitiateLayerUpload"],
  ["PATCH", "app/blobs/uploads/1", "UploadLayerPart"],
  ["PUT", `app/blobs/uploads/1?digest=${digest}`, "CompleteLayerUpload"],
  ["GET", "app/tags/list", "ListImages"],
];
for (const [method, path, action] of requests) {
  test(`${method} ${path.replace(digest, "DIGEST")} needs ecr:${action} and shows AWS's sentence where it is denied`, async () => {
    const asked: unknown[] = [];
    const authorizer = {
      authorize(context: { principal: Principal }, permissions: readonly unknown[]) {
        asked.push(context.principal.arn, ...permissions);
        return { message: "User: X is not authorized to perform: Y" };
      },
    };
    await withServer({ authorizer }, async (server) => {
      const authorization = await server.login(session);
      const response = await fetch(`${server.origin}/v2/${path}`, { method, headers: { authorization } });
      assert.equal(response.status, 403);
      if (method !== "HEAD") {
        const errors = [{ code: "DENIED", message: "User: X is not authorized to perform: Y" }];
        assert.deepEqual(await response.json(), { errors });
      }
      const resource = "arn:aws:ecr:eu-west-1:111122223333:repository/app";
      assert.deepEqual(asked, [session.arn, { action: `ecr:${action}`, resource }]);
    });
  });
}

test("says which repository is missing, and on whose registry", () =>
  withServer({}, async (server) => {
    const authorization = await server.login();
    const response = await fetch(`${server.origin}/v2/none/manifests/v1`, { headers: { authorization } });
    assert.equal(response.status, 404);
    const message = "The repository with name 'none' does not exist in the registry with id '111122223333'";
    assert.deepEqual(await response.json(), { errors: [{ code: "NAME_UNKNOWN", message }] });
    const other = await getAs(
      server,
      "999999999999.dkr.ecr.eu-west-1.amazonaws.com",
      "/v2/app/manifests/v1",
      authorization,
    );
    assert.match(other, /does not exist in the registry with id '999999999999'/);
  }));

test("each region's host is a registry of its own", () =>
  withServer({}, async (server) => {
    const authorization = await server.login();
    const body = await getAs(server, `${account}.dkr.ecr.us-east-1.amazonaws.com`, "/v2/app/tags/list", authorization);
    assert.match(body, /NAME_UNKNOWN/);
    const own = await getAs(server, `${account}.dkr.ecr.eu-west-1.amazonaws.com`, "/v2/app/tags/list", authorization);
    assert.deepEqual(JSON.parse(own), { name: "app", tags: [] });
  }));

/** fetch would set the Host header itself. */
function getAs(server: EcrServer, host: string, path: string, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(`${server.origin}${path}`, { headers: { host, authorization } }, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString());
    })
      .on("error", reject)
      .end();
  });
}

test("deletes nothing on the wire, as ECR", () =>
  withServer({}, async (server) => {
    const headers = { authorization: await server.login() };
    const response = await fetch(`${server.origin}/v2/app/manifests/v1`, { method: "DELETE", headers });
    assert.equal(response.status, 405);
  }));
