import assert from "node:assert/strict";
import { test } from "node:test";
import { type PolicyKind, parsePolicyDocument } from "./policy-document.ts";

const base = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "codebuild.amazonaws.com" } };
const identity = (change: Record<string, unknown>) => ({ Version: "2012-10-17", Statement: { ...base, ...change } });
const trusting = (change: Record<string, unknown>) => ({ Version: "2012-10-17", Statement: { ...trust, ...change } });

const refused: [title: string, document: unknown, kind: PolicyKind, message: RegExp][] = [
  ["a list", [], "identity", /^Syntax errors in policy\./],
  ["no statement", { Version: "2012-10-17", Statement: [] }, "identity", /^Syntax errors/],
  ["a version that does not exist", { Version: "2020-01-01", Statement: base }, "identity", /valid version string/],
  ["an unknown element", { Statement: base, Statements: [] }, "identity", /no element Statements/],
  ["an unknown element of a statement", identity({ Actions: "s3:*" }), "identity", /no element Actions/],
  ["an effect in lower case", identity({ Effect: "allow" }), "identity", /Allow or Deny, not "allow"/],
  ["no action", identity({ Action: undefined }), "identity", /^Policy statement must contain actions\.$/],
  ["an empty list of actions", identity({ Action: [] }), "identity", /must contain actions/],
  ["an action without service", identity({ Action: "GetObject" }), "identity", /prefaced by a vendor/],
  ["an action with two colons", identity({ Action: "s3:Get:Object" }), "identity", /only one colon/],
  ["a service with a blank", identity({ Action: "s 3:Get" }), "identity", /^Vendor s 3 is not valid$/],
  ["Action beside NotAction", identity({ NotAction: "s3:*" }), "identity", /only one of Action and NotAction/],
  ["an action that is a number", identity({ Action: 1 }), "identity", /Action must be a string/],
  ["no resource", identity({ Resource: undefined }), "identity", /^Policy statement must contain resources\.$/],
  [
    "a resource that is no ARN",
    identity({ Resource: "demo" }),
    "identity",
    /^Resource demo must be in ARN format or "\*"\.$/,
  ],
  [
    "an unknown partition",
    identity({ Resource: "arn:x:s3:::b" }),
    "identity",
    /^Partition "x" is not valid for resource/,
  ],
  ["a principal in an identity policy", identity({ Principal: "*" }), "identity", /should not specify a principal/],
  ["a Sid with a dash", identity({ Sid: "a-b" }), "identity", /^Statement IDs \(SID\) must be alpha-numeric/],
  [
    "a Sid twice",
    {
      Statement: [
        { ...base, Sid: "A" },
        { ...base, Sid: "A" },
      ],
    },
    "identity",
    /must be unique/,
  ],
  [
    "an unknown condition operator",
    identity({ Condition: { StringSame: { "aws:a": "x" } } }),
    "identity",
    /StringSame/,
  ],
  ["NullIfExists", identity({ Condition: { NullIfExists: { "aws:a": "true" } } }), "identity", /NullIfExists/],
  ["an inherited name as operator", identity({ Condition: { toString: { "aws:a": "x" } } }), "identity", /toString/],
  ["an address that is none", identity({ Condition: { IpAddress: { "aws:a": "1.2.3" } } }), "identity", /1\.2\.3/],
  ["a range that is too long", identity({ Condition: { IpAddress: { "aws:a": "10.0.0.0/33" } } }), "identity", /33/],
  ["a number that is none", identity({ Condition: { NumericEquals: { "aws:a": "ten" } } }), "identity", /ten/],
  ["a key without prefix", identity({ Condition: { StringEquals: { username: "x" } } }), "identity", /username/],
  ["a trust policy with a resource", trusting({ Resource: "*" }), "trust", /^Has prohibited field Resource$/],
  [
    "a trust policy without principal",
    trusting({ Principal: undefined }),
    "trust",
    /^Missing required field Principal$/,
  ],
  ["a trust policy for another service's action", trusting({ Action: "s3:GetObject" }), "trust", /only specify STS/],
  ["a principal of an unknown type", trusting({ Principal: { Role: "x" } }), "trust", /"Role"/],
  ["a service that is none", trusting({ Principal: { Service: "codebuild" } }), "trust", /"SERVICE":"codebuild"/],
  [
    "a principal with a wildcard",
    trusting({ Principal: { AWS: "arn:aws:iam::1*:root" } }),
    "trust",
    /Invalid principal/,
  ],
];

for (const [title, document, kind, message] of refused) {
  test(`a policy document is refused: ${title}`, () => {
    assert.throws(() => parsePolicyDocument(JSON.stringify(document), kind), {
      name: "MalformedPolicyDocumentException",
      message,
    });
  });
}

test("text that is no JSON is refused in AWS's words for each kind of policy", () => {
  assert.throws(() => parsePolicyDocument("{", "identity"), { message: "Syntax errors in policy." });
  assert.throws(() => parsePolicyDocument("{", "trust"), { message: "This policy contains invalid Json" });
});

test("a single statement, action and resource are read as lists of one", () => {
  assert.deepEqual(parsePolicyDocument(JSON.stringify(identity({})), "identity"), {
    version: "2012-10-17",
    statements: [{ effect: "Allow", actions: ["s3:GetObject"], resources: ["*"], conditions: [] }],
  });
});

test("a policy that names no version is of 2008-10-17", () => {
  assert.equal(parsePolicyDocument(JSON.stringify({ Statement: base }), "identity").version, "2008-10-17");
});

test("principals of a trust policy are read by type", () => {
  const account = "arn:aws:iam::123456789012:root";
  const document = trusting({ Principal: { AWS: [account, "123456789012"], Service: "ecs-tasks.amazonaws.com" } });
  const [statement] = parsePolicyDocument(JSON.stringify(document), "trust").statements;
  assert.deepEqual(statement?.principals, { AWS: [account, "123456789012"], Service: ["ecs-tasks.amazonaws.com"] });
});
