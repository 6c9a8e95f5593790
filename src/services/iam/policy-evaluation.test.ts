import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicyDocument } from "./policy-document.ts";
import { type AccessDecision, evaluatePolicies } from "./policy-evaluation.ts";
import type { ConditionValues } from "./policy-variables.ts";

type Statement = Record<string, unknown>;
type Case = [title: string, statements: Statement[], action: string, resource: string, expected: AccessDecision];
type ConditionCase = [title: string, condition: Statement, values: ConditionValues, holds: boolean];

const allow = (Action: unknown, Resource: unknown = "*", more: Statement = {}): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown = "*", more: Statement = {}): Statement => ({
  ...allow(Action, Resource, more),
  Effect: "Deny",
});

function decide(
  statements: Statement[],
  action: string,
  resource: string,
  values: ConditionValues = {},
  version = "2012-10-17",
) {
  const policy = parsePolicyDocument(JSON.stringify({ Version: version, Statement: statements }), "identity");
  return evaluatePolicies([policy], { action, resource, conditionValues: values });
}

const object = "arn:aws:s3:::demo/a/b:c.txt";
const repository = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app";

const cases: Case[] = [
  ["no statement that fits denies implicitly", [allow("s3:GetObject")], "s3:PutObject", object, "implicitDeny"],
  ["an Allow allows", [allow("s3:GetObject")], "s3:GetObject", object, "allowed"],
  [
    "a Deny wins over an Allow before it",
    [allow("s3:*"), deny("s3:GetObject")],
    "s3:GetObject",
    object,
    "explicitDeny",
  ],
  ["a Deny wins over an Allow after it", [deny("s3:GetObject"), allow("s3:*")], "s3:GetObject", object, "explicitDeny"],
  ["a Deny of something else does nothing", [deny("s3:PutObject"), allow("s3:*")], "s3:GetObject", object, "allowed"],
  ["actions do not tell case apart", [allow("S3:getobject")], "s3:GetObject", object, "allowed"],
  ["an action may be in a list", [allow(["ecr:PutImage", "s3:GetObject"])], "s3:GetObject", object, "allowed"],
  ["* is every action", [allow("*")], "s3:GetObject", object, "allowed"],
  ["a wildcard ends an action", [allow("s3:Get*")], "s3:GetObjectVersion", object, "allowed"],
  ["a wildcard stands within an action", [allow("s3:*Object")], "s3:PutObject", object, "allowed"],
  ["a wildcard within an action is anchored", [allow("s3:*Object")], "s3:GetObjectVersion", object, "implicitDeny"],
  ["? is exactly one character", [allow("s3:?etObject")], "s3:GetObject", object, "allowed"],
  ["? is not none", [allow("s3:GetObject?")], "s3:GetObject", object, "implicitDeny"],
  ["a wildcard does not leave its service", [allow("s3:*")], "s3express:GetObject", object, "implicitDeny"],
  ["an action's prefix is not the action", [allow("s3:GetObject")], "s3:GetObjectAcl", object, "implicitDeny"],
  [
    "NotAction leaves its actions out",
    [allow("x:y"), { Effect: "Allow", NotAction: "iam:*", Resource: "*" }],
    "iam:GetRole",
    "*",
    "implicitDeny",
  ],
  [
    "NotAction covers all others",
    [{ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" }],
    "ecr:PutImage",
    repository,
    "allowed",
  ],
  [
    "Deny with NotAction denies all others",
    [allow("*"), { Effect: "Deny", NotAction: "s3:*", Resource: "*" }],
    "ecr:PutImage",
    repository,
    "explicitDeny",
  ],
  ["a resource matches itself", [allow("s3:*", object)], "s3:GetObject", object, "allowed"],
  ["resources tell case apart", [allow("s3:*", "arn:aws:s3:::DEMO/*")], "s3:GetObject", object, "implicitDeny"],
  ["* in the last segment crosses / and :", [allow("s3:*", "arn:aws:s3:::demo/*")], "s3:GetObject", object, "allowed"],
  ["a bucket's ARN is not its objects'", [allow("s3:*", "arn:aws:s3:::demo")], "s3:GetObject", object, "implicitDeny"],
  [
    "objects' ARNs are not the bucket's",
    [allow("s3:*", "arn:aws:s3:::demo/*")],
    "s3:ListBucket",
    "arn:aws:s3:::demo",
    "implicitDeny",
  ],
  [
    "a bucket's prefix is not the bucket",
    [allow("s3:*", "arn:aws:s3:::dem")],
    "s3:ListBucket",
    "arn:aws:s3:::demo",
    "implicitDeny",
  ],
  [
    "? in a resource is one character",
    [allow("s3:*", "arn:aws:s3:::d?mo")],
    "s3:ListBucket",
    "arn:aws:s3:::demo",
    "allowed",
  ],
  [
    "a segment of * is any region",
    [allow("ecr:*", "arn:aws:ecr:*:123456789012:repository/team/*")],
    "ecr:PutImage",
    repository,
    "allowed",
  ],
  [
    "another account does not match",
    [allow("ecr:*", "arn:aws:ecr:*:999999999999:repository/*")],
    "ecr:PutImage",
    repository,
    "implicitDeny",
  ],
  [
    "a wildcard within a segment stays in it",
    [allow("ecr:*", "arn:aws:ecr:e*1:123456789012:repository/*")],
    "ecr:PutImage",
    repository,
    "allowed",
  ],
  [
    "a wildcard within a segment does not cross colons",
    [allow("ecr:*", "arn:aws:e*2:repository/*")],
    "ecr:PutImage",
    repository,
    "implicitDeny",
  ],
  [
    "* at a segment's end crosses colons",
    [allow("ecr:*", "arn:aws:ecr:*:repository/*")],
    "ecr:PutImage",
    repository,
    "allowed",
  ],
  ["an ARN that ends early with * matches", [allow("ecr:*", "arn:aws:ecr:*")], "ecr:PutImage", repository, "allowed"],
  [
    "? does not cross a colon",
    [allow("ecr:*", "arn:aws:ecr?eu-west-1:123456789012:repository/*")],
    "ecr:PutImage",
    repository,
    "implicitDeny",
  ],
  [
    "dots and pluses are themselves",
    [allow("s3:*", "arn:aws:s3:::a.b+c")],
    "s3:ListBucket",
    "arn:aws:s3:::aXb+c",
    "implicitDeny",
  ],
  [
    "any of several resources will do",
    [allow("s3:*", ["arn:aws:s3:::other/*", "arn:aws:s3:::demo/*"])],
    "s3:GetObject",
    object,
    "allowed",
  ],
  [
    "NotResource leaves its resources out",
    [{ Effect: "Allow", Action: "s3:*", NotResource: "arn:aws:s3:::demo/*" }],
    "s3:GetObject",
    object,
    "implicitDeny",
  ],
  [
    "NotResource covers all others",
    [{ Effect: "Deny", Action: "s3:*", NotResource: "arn:aws:s3:::other/*" }],
    "s3:GetObject",
    object,
    "explicitDeny",
  ],
  [
    "an action without resource needs *",
    [allow("ecr:*", repository)],
    "ecr:GetAuthorizationToken",
    "*",
    "implicitDeny",
  ],
  [
    "an action without resource is allowed by *",
    [allow("ecr:GetAuthorizationToken")],
    "ecr:GetAuthorizationToken",
    "*",
    "allowed",
  ],
  [
    "a log stream is within its group's ARN with *",
    [allow("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/x:*")],
    "logs:PutLogEvents",
    "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/x:log-stream:1",
    "allowed",
  ],
  [
    "a secret's ARN matches by its random suffix",
    [allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:hub-??????")],
    "secretsmanager:GetSecretValue",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-aB3xY9",
    "allowed",
  ],
];

for (const [title, statements, action, resource, expected] of cases) {
  test(`policy: ${title}`, () => assert.equal(decide(statements, action, resource), expected));
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: policy variables look like template literals
const conditionCases: ConditionCase[] = [
  ["StringEquals is exact", { StringEquals: { "aws:a": "x" } }, { "aws:a": "x" }, true],
  ["StringEquals tells case apart", { StringEquals: { "aws:a": "x" } }, { "aws:a": "X" }, false],
  ["StringEquals knows no wildcard", { StringEquals: { "aws:a": "x*" } }, { "aws:a": "xy" }, false],
  ["condition keys do not tell case apart", { StringEquals: { "AWS:A": "x" } }, { "aws:a": "x" }, true],
  ["one of several values is enough", { StringEquals: { "aws:a": ["x", "y"] } }, { "aws:a": "y" }, true],
  ["every key must hold", { StringEquals: { "aws:a": "x", "aws:b": "y" } }, { "aws:a": "x", "aws:b": "z" }, false],
  [
    "every operator must hold",
    { StringEquals: { "aws:a": "x" }, Bool: { "aws:b": "true" } },
    { "aws:a": "x", "aws:b": "false" },
    false,
  ],
  ["a missing key fails", { StringEquals: { "aws:a": "x" } }, {}, false],
  ["a missing key passes with IfExists", { StringEqualsIfExists: { "aws:a": "x" } }, {}, true],
  ["IfExists compares a key that is there", { StringEqualsIfExists: { "aws:a": "x" } }, { "aws:a": "y" }, false],
  ["StringNotEquals refuses the value", { StringNotEquals: { "aws:a": "x" } }, { "aws:a": "x" }, false],
  [
    "StringNotEquals refuses each of several values",
    { StringNotEquals: { "aws:a": ["x", "y"] } },
    { "aws:a": "y" },
    false,
  ],
  ["StringNotEquals holds for a missing key", { StringNotEquals: { "aws:a": "x" } }, {}, true],
  ["StringEqualsIgnoreCase", { StringEqualsIgnoreCase: { "aws:a": "x" } }, { "aws:a": "X" }, true],
  ["StringNotEqualsIgnoreCase", { StringNotEqualsIgnoreCase: { "aws:a": "x" } }, { "aws:a": "X" }, false],
  ["StringLike knows wildcards", { StringLike: { "aws:a": "team-?/*" } }, { "aws:a": "team-1/app" }, true],
  ["StringNotLike", { StringNotLike: { "aws:a": "team-*" } }, { "aws:a": "team-1" }, false],
  [
    "ArnLike compares by segment",
    { ArnLike: { "aws:a": "arn:aws:iam::*:role/*" } },
    { "aws:a": "arn:aws:iam::1:role/x/y" },
    true,
  ],
  [
    "ArnLike does not cross segments",
    { ArnLike: { "aws:a": "arn:aws:*:role/*" } },
    { "aws:a": "arn:aws:iam::1:role/x" },
    false,
  ],
  [
    "ArnEquals behaves as ArnLike",
    { ArnEquals: { "aws:a": "arn:aws:s3:::b*" } },
    { "aws:a": "arn:aws:s3:::bucket" },
    true,
  ],
  ["ArnNotEquals", { ArnNotEquals: { "aws:a": "arn:aws:s3:::b" } }, { "aws:a": "arn:aws:s3:::b" }, false],
  ["ArnNotLike holds for another", { ArnNotLike: { "aws:a": "arn:aws:s3:::b*" } }, { "aws:a": "arn:aws:s3:::c" }, true],
  ["NumericEquals compares numbers", { NumericEquals: { "aws:a": 10 } }, { "aws:a": "10.0" }, true],
  ["NumericNotEquals", { NumericNotEquals: { "aws:a": "10" } }, { "aws:a": "10" }, false],
  ["NumericLessThan", { NumericLessThan: { "aws:a": "10" } }, { "aws:a": "9" }, true],
  ["NumericLessThanEquals", { NumericLessThanEquals: { "aws:a": "10" } }, { "aws:a": "10" }, true],
  ["NumericGreaterThan", { NumericGreaterThan: { "aws:a": "10" } }, { "aws:a": "10" }, false],
  ["NumericGreaterThanEquals", { NumericGreaterThanEquals: { "aws:a": "10" } }, { "aws:a": "10" }, true],
  ["a value that is no number fails", { NumericLessThan: { "aws:a": "10" } }, { "aws:a": "few" }, false],
  [
    "DateGreaterThan",
    { DateGreaterThan: { "aws:a": "2026-01-01T00:00:00Z" } },
    { "aws:a": "2026-06-01T00:00:00Z" },
    true,
  ],
  [
    "DateLessThan takes seconds since 1970",
    { DateLessThan: { "aws:a": "1767225600" } },
    { "aws:a": "2026-06-01T00:00:00Z" },
    false,
  ],
  [
    "DateEquals compares moments",
    { DateEquals: { "aws:a": "2026-01-01T01:00:00+01:00" } },
    { "aws:a": "2026-01-01T00:00:00Z" },
    true,
  ],
  ["Bool", { Bool: { "aws:a": true } }, { "aws:a": "true" }, true],
  ["Bool false", { Bool: { "aws:a": "false" } }, { "aws:a": "true" }, false],
  ["BinaryEquals", { BinaryEquals: { "aws:a": "QUI=" } }, { "aws:a": "QUI=" }, true],
  ["IpAddress by range", { IpAddress: { "aws:a": "203.0.113.0/24" } }, { "aws:a": "203.0.113.9" }, true],
  ["IpAddress outside its range", { IpAddress: { "aws:a": "203.0.113.0/24" } }, { "aws:a": "203.0.114.9" }, false],
  ["IpAddress by a single address", { IpAddress: { "aws:a": "203.0.113.9" } }, { "aws:a": "203.0.113.9" }, true],
  ["IpAddress of version 6", { IpAddress: { "aws:a": "2001:db8::/32" } }, { "aws:a": "2001:db8:1::2" }, true],
  [
    "NotIpAddress",
    { NotIpAddress: { "aws:a": ["203.0.113.0/24", "198.51.100.0/24"] } },
    { "aws:a": "198.51.100.1" },
    false,
  ],
  ["Null true holds for a missing key", { Null: { "aws:a": "true" } }, {}, true],
  ["Null false needs the key", { Null: { "aws:a": "false" } }, {}, false],
  ["Null false holds where the key is there", { Null: { "aws:a": false } }, { "aws:a": "x" }, true],
  [
    "ForAllValues needs every value",
    { "ForAllValues:StringEquals": { "aws:a": ["x", "y"] } },
    { "aws:a": ["x", "z"] },
    false,
  ],
  [
    "ForAllValues holds for a subset",
    { "ForAllValues:StringEquals": { "aws:a": ["x", "y"] } },
    { "aws:a": ["y"] },
    true,
  ],
  ["ForAllValues holds for a missing key", { "ForAllValues:StringEquals": { "aws:a": "x" } }, {}, true],
  ["ForAnyValue needs one value", { "ForAnyValue:StringLike": { "aws:a": "x*" } }, { "aws:a": ["a", "xy"] }, true],
  ["ForAnyValue fails for a missing key", { "ForAnyValue:StringLike": { "aws:a": "x*" } }, {}, false],
  [
    "ForAnyValue with a negation needs one other value",
    { "ForAnyValue:StringNotEquals": { "aws:a": "x" } },
    { "aws:a": ["x", "y"] },
    true,
  ],
  [
    "ForAllValues with a negation needs only others",
    { "ForAllValues:StringNotEquals": { "aws:a": "x" } },
    { "aws:a": ["x", "y"] },
    false,
  ],
  [
    "ForAnyValue with IfExists passes without the key",
    { "ForAnyValue:StringEqualsIfExists": { "aws:a": "x" } },
    {},
    true,
  ],
  [
    "a variable takes the call's value",
    { StringEquals: { "aws:a": "${aws:username}" } },
    { "aws:a": "eve", "aws:username": "eve" },
    true,
  ],
  [
    "a variable's wildcard is literal",
    { StringLike: { "aws:a": "${aws:username}/x" } },
    { "aws:a": "eve/x", "aws:username": "*" },
    false,
  ],
  ["${*} is an asterisk", { StringLike: { "aws:a": "a${*}*" } }, { "aws:a": "a*b" }, true],
];

for (const [title, Condition, values, holds] of conditionCases) {
  test(`condition: ${title}`, () => {
    const decision = decide([allow("s3:GetObject", "*", { Condition })], "s3:GetObject", object, values);
    assert.equal(decision, holds ? "allowed" : "implicitDeny");
  });
}

const home = "arn:aws:s3:::demo/${aws:username}/*";
const variableCases: [string, string, ConditionValues, string, boolean][] = [
  ["a variable in a resource takes the call's value", home, { "aws:username": "a" }, "2012-10-17", true],
  ["a variable with another value does not match", home, { "aws:username": "b" }, "2012-10-17", false],
  ["a variable without value matches nothing", home, {}, "2012-10-17", false],
  ["a variable's own wildcard stays literal", home, { "aws:username": "*" }, "2012-10-17", false],
  ["a default stands in for a missing value", "arn:aws:s3:::demo/${aws:PrincipalTag/t, 'a'}/*", {}, "2012-10-17", true],
  ["version 2008-10-17 knows no variables", home, { "aws:username": "a" }, "2008-10-17", false],
  ["a list of values cannot stand in a resource", home, { "aws:username": ["a"] }, "2012-10-17", false],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

for (const [title, resource, values, version, matches] of variableCases) {
  test(`variable: ${title}`, () => {
    const decision = decide([allow("s3:GetObject", resource)], "s3:GetObject", object, values, version);
    assert.equal(decision, matches ? "allowed" : "implicitDeny");
  });
}
