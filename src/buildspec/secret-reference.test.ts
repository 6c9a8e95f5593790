import assert from "node:assert/strict";
import { test } from "node:test";
import { expandVariables, parseSecretReference } from "./secret-reference.ts";

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hub-AbCdEf";

const references: [string, ...(string | undefined)[]][] = [
  ["hub", "hub"],
  ["hub:user", "hub", "user"],
  ["hub::AWSPREVIOUS", "hub", undefined, "AWSPREVIOUS"],
  ["hub:user:AWSCURRENT:1234", "hub", "user", "AWSCURRENT", "1234"],
  ["hub:::1234", "hub", undefined, undefined, "1234"],
  [arn, arn],
  [`${arn}:password`, arn, "password"],
  [`${arn}:password:AWSPREVIOUS`, arn, "password", "AWSPREVIOUS"],
  [`${arn}:::1234`, arn, undefined, undefined, "1234"],
];

for (const [text, secretId, jsonKey, versionStage, versionId] of references) {
  test(`the reference ${text} is taken apart`, () => {
    assert.deepEqual(parseSecretReference(text), { secretId, jsonKey, versionStage, versionId });
  });
}

test("variables in a reference are expanded, unknown ones and lone dollars stay", () => {
  const variables = { ARN: arn, STAGE: "prod" };
  assert.equal(expandVariables(`$${"{ARN}"}:user`, variables), `${arn}:user`);
  assert.equal(expandVariables("/$STAGE/key", variables), "/prod/key");
  assert.equal(expandVariables(`$${"{NONE}"} $NONE $ 5$`, variables), `$${"{NONE}"} $NONE $ 5$`);
});
