import assert from "node:assert/strict";
import { test } from "node:test";
import { type TrustedCaller, trusts } from "./trust-policy.ts";

const account = "123456789012";
const session = `arn:aws:sts::${account}:assumed-role/builder/one`;

function trust(Principal: unknown, caller: TrustedCaller, more: Record<string, unknown> = {}) {
  const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRole", ...more };
  return trusts(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), caller);
}

const cases: [title: string, principal: unknown, caller: TrustedCaller, expected: boolean][] = [
  ["the service that it names", { Service: "codebuild.amazonaws.com" }, { service: "codebuild.amazonaws.com" }, true],
  ["no other service", { Service: "codebuild.amazonaws.com" }, { service: "ecs-tasks.amazonaws.com" }, false],
  [
    "one of several services",
    { Service: ["a.amazonaws.com", "b.amazonaws.com"] },
    { service: "b.amazonaws.com" },
    true,
  ],
  ["anybody with *", "*", { principalArn: session }, true],
  ["any AWS principal with AWS: *", { AWS: "*" }, { principalArn: session }, true],
  ["no service with AWS: *", { AWS: "*" }, { service: "codebuild.amazonaws.com" }, false],
  ["the account by its number", { AWS: account }, { principalArn: session }, true],
  ["the account by its root", { AWS: `arn:aws:iam::${account}:root` }, { principalArn: session }, true],
  ["no other account", { AWS: "999999999999" }, { principalArn: session }, false],
  [
    "a session of the role that it names",
    { AWS: `arn:aws:iam::${account}:role/builder` },
    { principalArn: session },
    true,
  ],
  ["a role with a path", { AWS: `arn:aws:iam::${account}:role/ci/builder` }, { principalArn: session }, true],
  [
    "no role whose name only begins so",
    { AWS: `arn:aws:iam::${account}:role/build` },
    { principalArn: session },
    false,
  ],
  ["the very session", { AWS: session }, { principalArn: session }, true],
];

for (const [title, principal, caller, expected] of cases) {
  test(`a trust policy trusts ${title}`, () => assert.equal(trust(principal, caller), expected));
}

test("a trust policy with a condition on the external ID trusts only who gives it", () => {
  const more = { Condition: { StringEquals: { "sts:ExternalId": "42" } } };
  const caller = { principalArn: session };
  assert.equal(trust({ AWS: account }, caller, more), false);
  assert.equal(trust({ AWS: account }, { ...caller, conditionValues: { "sts:externalid": "42" } }, more), true);
});

test("a Deny in a trust policy wins", () => {
  const statement = { Principal: { AWS: account }, Action: "sts:AssumeRole" };
  const Statement = [
    { ...statement, Effect: "Allow" },
    { ...statement, Effect: "Deny", Principal: { AWS: session } },
  ];
  const document = JSON.stringify({ Version: "2012-10-17", Statement });
  assert.equal(trusts(document, { principalArn: session }), false);
  assert.equal(trusts(document, { principalArn: `${session}-two` }), true);
});

test("a trust policy for tagging sessions alone does not let a role be assumed", () => {
  assert.equal(trust({ AWS: account }, { principalArn: session }, { Action: "sts:TagSession" }), false);
});
