import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errorCode,
  openAccess,
  pushBlob,
  pushImage,
  putManifest,
  type RegistryServer,
  type RegistryServerOptions,
  startRegistryServer,
} from "../../test/fixtures/registry-server.ts";
import { digestOf } from "../oci/digest.ts";
import { RegistryError } from "./registry-error.ts";

async function withServer(
  options: RegistryServerOptions,
  work: (server: RegistryServer) => Promise<void>,
): Promise<void> {
  const server = await startRegistryServer(options);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

test("answers the base path and an unknown one", () =>
  withServer({}, async (server) => {
    const base = await server.request("");
    assert.equal(base.status, 200);
    assert.equal(base.headers.get("docker-distribution-api-version"), "registry/2.0");
    assert.equal(await errorCode(await server.request("_catalog")), "UNSUPPORTED");
  }));

test("refuses a repository name that cannot be", () =>
  withServer({}, async (server) => {
    for (const name of ["UPPER", "a//b", "a%2F..%2Fb", "%zz"]) {
      const response = await server.request(`${name}/tags/list`);
      assert.equal(response.status, 400, name);
      assert.equal(await errorCode(response), "NAME_INVALID");
    }
  }));

test("challenges a request without a valid login", () =>
  withServer(
    { access: { ...openAccess, authenticate: () => undefined, challenge: () => 'Basic realm="x"' } },
    async (server) => {
      const response = await server.request("");
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("www-authenticate"), 'Basic realm="x"');
      assert.equal(await errorCode(response), "UNAUTHORIZED");
    },
  ));

test("asks the access for each action by its name before it does anything", async () => {
  const asked: string[] = [];
  const access = {
    ...openAccess,
    authorize(session: string, action: string, repository: string) {
      asked.push(`${session} ${action} ${repository}`);
      if (action === "pushManifest") throw new RegistryError("DENIED", { message: "you may not" });
    },
  };
  await withServer({ access }, async (server) => {
    const response = await putManifest(server, "app", "v1", "{");
    assert.equal(response.status, 403);
    assert.deepEqual(await response.json(), { errors: [{ code: "DENIED", message: "you may not" }] });
    await server.request("app/blobs/uploads/", { method: "POST" });
    await server.request("app/manifests/v1", { method: "HEAD" });
    assert.deepEqual(asked, ["anyone pushManifest app", "anyone startUpload app", "anyone pullManifest app"]);
  });
});

test("falls back to an upload where the source of a mount is refused", async () => {
  const access = {
    ...openAccess,
    authorize(_session: string, _action: string, repository: string) {
      if (repository === "secret") throw new RegistryError("DENIED");
    },
  };
  await withServer({ access }, async (server) => {
    const digest = `sha256:${"0".repeat(64)}`;
    const response = await server.request(`app/blobs/uploads/?mount=${digest}&from=secret`, { method: "POST" });
    assert.equal(response.status, 202);
  });
});

test("mounts without a source from wherever the client may read", async () => {
  let isSecretOpen = true;
  const access = {
    ...openAccess,
    authorize(_session: string, _action: string, repository: string) {
      if (repository === "secret" && !isSecretOpen) throw new RegistryError("DENIED");
    },
  };
  await withServer({ access }, async (server) => {
    await pushBlob(server, "open", "shared");
    await pushBlob(server, "secret", "hidden");
    isSecretOpen = false;
    const mount = async (content: string) => {
      const path = `app/blobs/uploads/?mount=${digestOf(content)}`;
      return (await server.request(path, { method: "POST" })).status;
    };
    assert.equal(await mount("shared"), 201);
    assert.equal(await (await server.request(`app/blobs/${digestOf("shared")}`)).text(), "shared");
    assert.equal(await mount("hidden"), 202);
    assert.equal(await mount("nowhere"), 202);
  });
});

test("lets its policy refuse a repository and the move of a tag", async () => {
  const policy = {
    checkRepository(repository: string) {
      if (repository !== "app") throw new RegistryError("NAME_UNKNOWN", { message: `no ${repository}` });
    },
    checkTagOverwrite(_repository: string, tag: string, existing: string, digest: string) {
      if (existing !== digest) throw new RegistryError("TAG_INVALID", { message: `${tag} stays` });
    },
  };
  await withServer({ policy }, async (server) => {
    const response = await server.request("other/blobs/uploads/", { method: "POST" });
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { errors: [{ code: "NAME_UNKNOWN", message: "no other" }] });
    const first = await pushImage(server, "app", "v1", "one");
    assert.equal((await putManifest(server, "app", "v1", first)).status, 201);
    const second = await pushImage(server, "app", "v2", "two");
    const refused = await putManifest(server, "app", "v1", second);
    assert.deepEqual(await refused.json(), { errors: [{ code: "TAG_INVALID", message: "v1 stays" }] });
    assert.equal(await (await server.request("app/manifests/v1")).text(), first);
  });
});

test("answers a defect with 500 and an ID, and tells nothing else", () =>
  withServer(
    {
      access: {
        ...openAccess,
        authorize() {
          throw new Error("inner secret");
        },
      },
    },
    async (server) => {
      const response = await server.request("app/tags/list");
      assert.equal(response.status, 500);
      const text = await response.text();
      assert.match(text, /"UNKNOWN".*"requestId"/);
      assert.doesNotMatch(text, /inner secret/);
      assert.equal((server.defects[0] as Error).message, "inner secret");
    },
  ));

test("drops upload sessions that nobody used for a day", async () => {
  let time = Date.parse("2026-01-01T00:00:00Z");
  await withServer({ now: () => new Date(time) }, async (server) => {
    const start = () => server.request("app/blobs/uploads/", { method: "POST" });
    const location = (await start()).headers.get("location") as string;
    time += 24 * 3600 * 1000;
    await start();
    assert.equal((await fetch(`${server.origin}${location}`)).status, 404);
  });
});
