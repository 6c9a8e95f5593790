import assert from "node:assert/strict";
import { test } from "node:test";
import { startAwsServer } from "../../../test/fixtures/aws-server.ts";
import { awsSecretValue } from "./aws-secret-value.ts";

test("a secret is read with the credentials that the AWS SDK finds, in the region that its ARN names", async (t) => {
  const asked: unknown[] = [];
  const services = {
    secretsmanager: {
      GetSecretValue: {
        permissions: () => [],
        async run(input: Record<string, unknown>, { region }: { region: string }) {
          asked.push([input.SecretId, region]);
          return { SecretString: "{}" };
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
  const read = awsSecretValue({ region: "eu-central-1", endpoint: server.url });
  const arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:hub-AbCdEf";
  assert.equal(await read("hub"), "{}");
  assert.equal(await read(arn), "{}");
  assert.deepEqual(asked, [
    ["hub", "eu-central-1"],
    [arn, "ap-northeast-1"],
  ]);
});
