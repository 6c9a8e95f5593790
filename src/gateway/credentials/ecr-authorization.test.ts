import assert from "node:assert/strict";
import { test } from "node:test";
import { startAwsServer } from "../../../test/fixtures/aws-server.ts";
import { findEcrAuthorization } from "./ecr-authorization.ts";

test("ECR's password is asked for in the registry's own account and region", async (t) => {
  const asked: unknown[] = [];
  let token = btoa("AWS:a:b");
  const services = {
    ecr: {
      GetAuthorizationToken: {
        permissions: () => [],
        async run(input: Record<string, unknown>, { region }: { region: string }) {
          asked.push([input.registryIds, region]);
          return { authorizationData: [{ authorizationToken: token }] };
        },
      },
    },
  };
  const server = await startAwsServer({ services });
  t.after(() => server.close());
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  t.after(() => {
    for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const source = findEcrAuthorization("210987654321.dkr.ecr.ap-northeast-1.amazonaws.com", server.url);
  assert.deepEqual(await source?.read(), [{ username: "AWS", password: "a:b" }]);
  assert.deepEqual(asked, [[["210987654321"], "ap-northeast-1"]]);
  token = btoa("nonsense");
  await assert.rejects(source?.read() ?? Promise.resolve(), /cannot be had: Error: the answer holds no token$/);
});

test("no other registry has such a password", () => {
  for (const name of ["public.ecr.aws", "1.dkr.ecr.us-east-1.amazonaws.com", "docker.io"]) {
    assert.equal(findEcrAuthorization(name), undefined);
  }
});
