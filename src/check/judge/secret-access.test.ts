import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BuildRole, RoleStatement } from "../build-job.ts";
import { decideSecretAccess, findGrantOfEverySecret, secretIdOf } from "./secret-access.ts";

/** As the readers give what only the stack decides. */
const ref = (name: string) => `\${${name}}`;
const range = { start: 0, end: 0 };

function allow(resources: string[], change: Partial<RoleStatement> = {}): RoleStatement {
  const actions = ["secretsmanager:GetSecretValue"];
  return { effect: "Allow", actions, resources, range, resourceRanges: resources.map(() => range), ...change };
}

function roleOf(statements: RoleStatement[], hasUnknownPolicies = false): BuildRole {
  return { logicalId: "Role", range, statements, hasUnknownPolicies };
}

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
const stackArn = `arn:${ref("AWS::Partition")}:secretsmanager:${ref("AWS::Region")}:${ref("AWS::AccountId")}:secret`;
const secrets = [
  { logicalId: "Secret", range },
  { logicalId: "Named", name: "dockerhub", range },
];

describe("a secret may be read", () => {
  for (const [why, reference, resource] of [
    ["by every resource", "dockerhub:username", "*"],
    ["by the suffix that AWS adds", "dockerhub:username", `${arn}:dockerhub-??????`],
    ["by a star for the suffix", "dockerhub:username", `${arn}:dockerhub-*`],
    ["by a star after the name", "dockerhub:username", `${arn}:dockerhub*`],
    ["by a prefix", "ci/dockerhub", `${stackArn}:ci/*`],
    ["by a service's every secret", "dockerhub", "arn:aws:secretsmanager:*:*:secret:*"],
    ["by an open ARN", "dockerhub", "arn:aws:secretsmanager:*"],
    ["by its own ARN", `${arn}:dockerhub-AbCdEf:username::`, `${arn}:dockerhub-AbCdEf`],
    ["by its ARN without suffix", `${arn}:dockerhub:username`, `${arn}:dockerhub-??????`],
    ["by its logical ID", `${ref("Secret")}:username`, ref("Secret")],
    ["by the name that the template gives it", `${ref("Named")}:username`, `${stackArn}:dockerhub-*`],
    ["by the name that the stack makes up", ref("Secret"), `${stackArn}:Secret-*`],
    ["by the logical ID of a name", "dockerhub", ref("Named")],
    ["by the project's variable", "$SECRET_ARN:username", ref("Secret")],
    ["by the same parameter", `${ref("SecretArn")}:username`, ref("SecretArn")],
  ] as const) {
    test(why, () => {
      const statement = allow([resource]);
      const context = { secrets, variables: { SECRET_ARN: ref("Secret") } };
      assert.deepEqual(decideSecretAccess(roleOf([statement]), reference, context), { access: "allowed", statement });
    });
  }
});

describe("a secret may not be read", () => {
  for (const [why, reference, resource] of [
    ["by a name without the suffix", "dockerhub", `${arn}:dockerhub`],
    ["by another name", "dockerhub", `${arn}:github-*`],
    ["by a longer suffix", "dockerhub", `${arn}:dockerhub-???????`],
    ["by another logical ID", ref("Secret"), ref("Named")],
    [
      "in another Region",
      `${arn}:dockerhub-AbCdEf`,
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dockerhub-*",
    ],
    ["by another service's ARN", "dockerhub", "arn:aws:s3:::bucket/*"],
  ] as const) {
    test(why, () => {
      assert.equal(decideSecretAccess(roleOf([allow([resource])]), reference, { secrets }).access, "denied");
    });
  }

  test("by another action", () => {
    const role = roleOf([allow(["*"], { actions: ["secretsmanager:DescribeSecret", "s3:*"] })]);
    assert.equal(decideSecretAccess(role, "dockerhub").access, "denied");
  });

  test("where a statement denies it, whatever another allows", () => {
    const denial = allow(["*"], { effect: "Deny", actions: ["SecretsManager:*"] });
    assert.deepEqual(decideSecretAccess(roleOf([allow(["*"]), denial]), "dockerhub"), {
      access: "denied",
      statement: denial,
    });
  });
});

describe("it is not known whether a secret may be read", () => {
  test("where a policy is not in the file", () => {
    assert.equal(decideSecretAccess(roleOf([], true), "dockerhub").access, "unknown");
  });

  for (const [why, reference, statement] of [
    ["for a parameter's resource", "dockerhub", allow([ref("SecretArn")])],
    ["for a name with a parameter in it", "dockerhub", allow([`${stackArn}:\${Prefix}-*`])],
    ["for a suffix that is written out", "dockerhub", allow([`${arn}:dockerhub-AbCdEf`])],
    ["for a condition", "dockerhub", allow(["*"], { isConditional: true })],
  ] as const) {
    test(why, () => {
      assert.deepEqual(decideSecretAccess(roleOf([statement]), reference), { access: "unknown", statement });
    });
  }

  test("where a condition may deny it", () => {
    const doubt = allow(["*"], { effect: "Deny", isConditional: true });
    assert.deepEqual(decideSecretAccess(roleOf([allow(["*"]), doubt]), "dockerhub"), {
      access: "unknown",
      statement: doubt,
    });
  });
});

test("what CloudFormation puts in is not read by the role", () => {
  const reference = "{{resolve:secretsmanager:dockerhub:SecretString:username}}";
  assert.equal(decideSecretAccess(roleOf([]), reference).access, "allowed");
});

test("an action by wildcard counts, in any case", () => {
  for (const action of ["*", "secretsmanager:*", "SecretsManager:Get*", "secretsmanager:GetSecretValu?"]) {
    assert.equal(decideSecretAccess(roleOf([allow(["*"], { actions: [action] })]), "x").access, "allowed", action);
  }
});

test("a secret's identifier ends before its key, stage and version", () => {
  assert.equal(secretIdOf("dockerhub:username:AWSCURRENT:"), "dockerhub");
  assert.equal(secretIdOf(`${arn}:dockerhub-AbCdEf:username::`), `${arn}:dockerhub-AbCdEf`);
  assert.equal(secretIdOf(`${stackArn}:dockerhub:username`), `${stackArn}:dockerhub`);
  assert.equal(secretIdOf(`${ref("Secret")}:username`), ref("Secret"));
});

test("a grant of every secret is found, and one of some is none", () => {
  const every = allow([`${arn}:dockerhub-*`, "*"]);
  assert.equal(findGrantOfEverySecret(roleOf([allow([`${arn}:dockerhub-*`]), every])), every);
  for (const resource of ["*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:*"]) {
    assert.ok(findGrantOfEverySecret(roleOf([allow([resource])])), resource);
  }
  assert.equal(findGrantOfEverySecret(roleOf([allow([`${arn}:docker*`])])), undefined);
  assert.equal(findGrantOfEverySecret(roleOf([allow(["*"], { actions: ["s3:*"] })])), undefined);
});

test("a pattern of many stars is no work", () => {
  const resource = `${arn}:${"*a".repeat(500)}-bbbbbbb`;
  assert.equal(decideSecretAccess(roleOf([allow([resource])]), "a".repeat(500)).access, "denied");
});
