import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import {
  type AwsServer,
  rootCredential,
  sendRaw,
  sendSigned,
  sessionCredential,
  signHeaders,
  startAwsServer,
  testAccount,
} from "../../test/fixtures/aws-server.ts";
import { createAwsApi, type OperationTable } from "./aws-api.ts";
import { AwsError } from "./aws-error.ts";
import type { CallContext } from "./service.ts";

const everything = () => [{ action: "service:Any", resource: "*" }];

/** Answers with what the operation was told. */
const contexts: CallContext[] = [];
const inputs: unknown[] = [];
function recording(output: (input: never) => unknown) {
  return {
    permissions: everything,
    run(input: never, context: CallContext) {
      inputs.push(input);
      contexts.push(context);
      return output(input);
    },
  };
}

const sts: OperationTable = {
  GetCallerIdentity: {
    permissions: () => [],
    run: (_input, { principal }) => ({ Account: principal.account, Arn: principal.arn, UserId: principal.userId }),
  },
  AssumeRole: recording(() => {
    throw new AwsError("ExpiredTokenException", "a < b & c");
  }),
};
const iam: OperationTable = {
  CreateRole: recording(() => {
    throw new AwsError("EntityAlreadyExistsException", "Role with name x already exists.");
  }),
  ListRoles: recording(() => ({
    Roles: [{ RoleName: "a&b", CreateDate: new Date(0), Tags: [{ Key: "k", Value: "v" }] }, { RoleName: "c" }],
    IsTruncated: false,
  })),
  DeleteRole: recording(() => undefined),
};
const secretsmanager: OperationTable = {
  GetSecretValue: recording(({ SecretId }: { SecretId: string }) => ({
    Name: SecretId,
    SecretString: "héllo",
    SecretBinary: Buffer.from("bytes"),
    CreatedDate: new Date(1_700_000_000_500),
    VersionStages: [],
  })),
  CreateSecret: recording(() => ({})),
  DeleteSecret: recording(() => {
    throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }),
  DescribeSecret: recording(() => {
    throw new TypeError("a defect");
  }),
};

let server: AwsServer;
before(async () => {
  server = await startAwsServer({
    services: { sts, iam, secretsmanager },
    authorizer: {
      authorize: ({ principal }, permissions) =>
        principal.roleName === undefined || permissions.length === 0
          ? undefined
          : { message: `User: ${principal.arn} may not ${permissions[0]?.action}` },
    },
  });
});
after(() => server.close());

const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const json = (operation: string) => ({
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": `secretsmanager.${operation}`,
});
const identityForm = { service: "sts", headers: form, body: "Action=GetCallerIdentity&Version=2011-06-15" };
const secretCall = (operation: string, input: object) => ({
  service: "secretsmanager",
  headers: json(operation),
  body: JSON.stringify(input),
});

test("answers an awsQuery operation in its XML, with the request's ID", async () => {
  const { status, headers, body } = await sendSigned(server, identityForm);
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/xml");
  assert.match(body, /^<GetCallerIdentityResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/">/);
  assert.ok(body.includes(`<GetCallerIdentityResult><UserId>${testAccount}</UserId>`), body);
  assert.ok(body.includes(`<RequestId>${headers["x-amzn-requestid"]}</RequestId>`), body);
});

test("answers a presigned GET of an awsQuery operation", async () => {
  const { status, body } = await sendSigned(server, {
    service: "sts",
    method: "GET",
    path: "/?Action=GetCallerIdentity",
  });
  assert.equal(status, 200);
  assert.ok(body.includes("arn:aws:iam::123456789012:root"));
});

test("reads nested lists and maps of a form, in the order of their numbers", async () => {
  const body =
    "Action=CreateRole&Version=2010-05-08&RoleName=x&AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=7200" +
    "&Tags.member.10.Key=ten&Tags.member.10.Value=%26&Tags.member.2.Key=two&Tags.member.2.Value=a+b";
  const answer = await sendSigned(server, { service: "iam", headers: form, body });
  assert.deepEqual(inputs.at(-1), {
    RoleName: "x",
    AssumeRolePolicyDocument: "{}",
    MaxSessionDuration: 7200,
    Tags: [
      { Key: "two", Value: "a b" },
      { Key: "ten", Value: "&" },
    ],
  });
  assert.equal(answer.status, 409);
  assert.ok(answer.body.includes("<Type>Sender</Type><Code>EntityAlreadyExists</Code>"), answer.body);
});

test("writes lists, dates and text of an awsQuery answer, escaped", async () => {
  const { body } = await sendSigned(server, {
    service: "iam",
    headers: form,
    body: "Action=ListRoles&Version=2010-05-08",
  });
  const roles = "<Roles><member><RoleName>a&amp;b</RoleName><CreateDate>1970-01-01T00:00:00Z</CreateDate>";
  assert.ok(body.includes(roles), body);
  assert.ok(body.includes("<Tags><member><Key>k</Key><Value>v</Value></member></Tags>"), body);
  assert.ok(body.includes("<IsTruncated>false</IsTruncated>"), body);
});

test("answers an operation without output", async () => {
  const answer = await sendSigned(server, { service: "iam", headers: form, body: "Action=DeleteRole&RoleName=x" });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /^<DeleteRoleResponse [^>]+><ResponseMetadata>/);
});

test("answers an awsJson operation with blobs in base64 and times in seconds", async () => {
  const { status, headers, body } = await sendSigned(server, secretCall("GetSecretValue", { SecretId: "s" }));
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "application/x-amz-json-1.1");
  assert.deepEqual(JSON.parse(body), {
    Name: "s",
    SecretString: "héllo",
    SecretBinary: "Ynl0ZXM=",
    CreatedDate: 1_700_000_000.5,
    VersionStages: [],
  });
});

test("tells the operation who calls, where and under which request ID", async () => {
  const { headers } = await sendSigned(server, {
    ...secretCall("GetSecretValue", { SecretId: "s" }),
    region: "ap-northeast-1",
  });
  assert.deepEqual(contexts.at(-1), {
    service: "secretsmanager",
    operation: "GetSecretValue",
    requestId: headers["x-amzn-requestid"],
    region: "ap-northeast-1",
    account: testAccount,
    principal: rootCredential.principal,
    host: server.host,
  });
});

const refusedInputs: [title: string, body: string, name: string, message: RegExp][] = [
  ["lacks a required member", "{}", "ValidationException", /^1 validation error detected: Value null at 'secretId'/],
  ["is no JSON", "{", "SerializationException", /read/],
  ["is no structure", "[]", "SerializationException", /structure/],
  [
    "has a number for a string",
    '{"SecretId":1}',
    "SerializationException",
    /a Number can not be converted to a String/,
  ],
  ["has a structure for a string", '{"SecretId":{}}', "SerializationException", /a structure can not .* a String/],
];
for (const [title, body, name, message] of refusedInputs) {
  test(`refuses an awsJson input that ${title}`, async () => {
    const answer = await sendSigned(server, { service: "secretsmanager", headers: json("GetSecretValue"), body });
    const document = JSON.parse(answer.body);
    assert.equal(answer.status, 400);
    assert.equal(document.__type, name);
    assert.match(document.message, message);
  });
}

test("refuses inputs that lack members deep inside, and names each", async () => {
  const body = "Action=CreateRole&Tags.member.1.Key=k";
  const answer = await sendSigned(server, { service: "iam", headers: form, body });
  assert.ok(answer.body.includes("<Code>ValidationError</Code>"), answer.body);
  assert.match(answer.body, /3 validation errors.*'roleName'.*'assumeRolePolicyDocument'.*'tags.1.member.value'/);
});

test("writes an awsJson error with the name and status of its schema", async () => {
  const { status, headers, body } = await sendSigned(server, secretCall("DeleteSecret", { SecretId: "s" }));
  assert.equal(status, 400);
  assert.equal(headers["x-amzn-errortype"], "ResourceNotFoundException");
  assert.equal(JSON.parse(body).Message, "Secrets Manager can't find the specified secret.");
});

test("escapes the message of an awsQuery error", async () => {
  const body = "Action=AssumeRole&RoleArn=arn:aws:iam::1:role/role-name-x&RoleSessionName=one";
  const answer = await sendSigned(server, { service: "sts", headers: form, body });
  assert.ok(answer.body.includes("<Message>a &lt; b &amp; c</Message>"), answer.body);
});

test("answers a defect with InternalFailure, and hands it to the one who asked for defects", async () => {
  const { status, headers, body } = await sendSigned(server, secretCall("DescribeSecret", { SecretId: "s" }));
  assert.equal(status, 500);
  assert.equal(JSON.parse(body).__type, "InternalFailure");
  assert.ok(!body.includes("a defect"));
  assert.ok(headers["x-amzn-requestid"]);
  assert.deepEqual(server.defects.splice(0).map(String), ["TypeError: a defect"]);
});

test("asks the authorizer, and gives its sentence under the protocol's name", async () => {
  const credential = sessionCredential;
  const secret = await sendSigned(server, { ...secretCall("GetSecretValue", { SecretId: "s" }), credential });
  assert.equal(secret.status, 400);
  assert.equal(JSON.parse(secret.body).__type, "AccessDeniedException");
  assert.equal(JSON.parse(secret.body).Message, `User: ${credential.principal.arn} may not service:Any`);
  const roles = await sendSigned(server, { service: "iam", headers: form, body: "Action=ListRoles", credential });
  assert.equal(roles.status, 403);
  assert.ok(roles.body.includes("<Code>AccessDenied</Code>"), roles.body);
});

test("names an operation that is not supported, and one that AWS does not have", async () => {
  const rotate = await sendSigned(server, secretCall("RotateSecret", {}));
  assert.equal(rotate.status, 501);
  assert.equal(
    JSON.parse(rotate.body).message,
    "Chubo does not support secretsmanager:RotateSecret yet (see docs/deviations.md)",
  );
  const user = await sendSigned(server, { service: "iam", headers: form, body: "Action=CreateUser" });
  assert.ok(user.body.includes("<Code>InvalidAction</Code><Message>Chubo does not support iam:CreateUser"), user.body);
  const none = await sendSigned(server, { service: "iam", headers: form, body: "Action=Dance" });
  assert.ok(none.body.includes("The action Dance is not valid for this web service."), none.body);
  const target = await sendSigned(server, {
    service: "secretsmanager",
    headers: { "x-amz-target": "AmazonSSM.GetParameter" },
  });
  assert.equal(JSON.parse(target.body).__type, "UnknownOperationException");
});

test("names a service that is not there, in a form that its client reads", async () => {
  const lambda = await sendSigned(server, { service: "lambda", method: "GET", path: "/2015-03-31/functions/" });
  assert.equal(lambda.headers["x-amzn-errortype"], "NotImplementedException");
  assert.match(lambda.body, /Chubo does not support the service lambda yet/);
  const method = await sendSigned(server, { service: "constructor", method: "GET" });
  assert.match(method.body, /Chubo does not support the service constructor yet/);
  const sns = await sendSigned(server, { service: "sns", headers: form, body: "Action=Publish" });
  assert.ok(sns.body.includes("Chubo does not support the service sns yet"), sns.body);
});

test("refuses a body beyond 16 MiB", async () => {
  const body = JSON.stringify({ SecretId: "x".repeat(17 * 1024 * 1024) });
  const answer = await sendSigned(server, { service: "secretsmanager", headers: json("GetSecretValue"), body });
  assert.equal(answer.status, 413);
});

test("calls operations from inside the process with the same permissions, and without any client", async () => {
  const denied = "not allowed";
  const api = createAwsApi({
    services: { secretsmanager, iam },
    credentials: { findCredential: () => undefined },
    authorizer: { authorize: ({ region }) => (region === "us-west-2" ? { message: denied } : undefined) },
    account: testAccount,
    region: "eu-west-1",
    now: () => new Date(),
    newRequestId: () => "inside",
    onDefect: assert.fail,
  });
  const { principal } = rootCredential;
  const output = await api.call<{ Name: string }>("secretsmanager", "GetSecretValue", { SecretId: "in" }, principal);
  assert.equal(output.Name, "in");
  assert.equal(contexts.at(-1)?.host, undefined);
  const elsewhere = api.call("secretsmanager", "GetSecretValue", {}, principal, "us-west-2");
  await assert.rejects(elsewhere, { name: "AccessDeniedException", message: denied });
  await assert.rejects(api.call("iam", "ListRoles", {}, principal, "us-west-2"), { name: "AccessDenied" });
  await assert.rejects(api.call("iam", "GetUser", {}, principal), { message: /does not support iam:GetUser/ });
});

test("refuses what is unsigned, signed with an unknown key, or with another secret, in each protocol's words", async () => {
  const stranger = { ...rootCredential, accessKeyId: "AKIASTRANGER" };
  const liar = { ...rootCredential, secretAccessKey: "wrong" };
  const thief = { ...sessionCredential, sessionToken: "another" };
  const jsonName = async (answer: Promise<{ body: string }>) => JSON.parse((await answer).body).__type;
  const xmlCode = async (answer: Promise<{ body: string }>) => /<Code>(\w+)/.exec((await answer).body)?.[1];
  const secret = secretCall("GetSecretValue", { SecretId: "s" });
  const unsignedSecret = sendRaw(server, secret, { ...json("GetSecretValue"), host: server.host });
  assert.equal(await jsonName(unsignedSecret), "MissingAuthenticationTokenException");
  assert.equal(await jsonName(sendSigned(server, { ...secret, credential: stranger })), "UnrecognizedClientException");
  assert.equal(await jsonName(sendSigned(server, { ...secret, credential: liar })), "InvalidSignatureException");
  assert.equal(await jsonName(sendSigned(server, { ...secret, credential: thief })), "UnrecognizedClientException");
  const unsigned = sendRaw(server, identityForm, { ...form, host: "sts.amazonaws.com" });
  assert.equal(await xmlCode(unsigned), "MissingAuthenticationToken");
  assert.equal(await xmlCode(sendSigned(server, { ...identityForm, credential: stranger })), "InvalidClientTokenId");
  assert.equal(await xmlCode(sendSigned(server, { ...identityForm, credential: liar })), "SignatureDoesNotMatch");
  assert.equal(await xmlCode(sendSigned(server, { ...identityForm, credential: thief })), "InvalidClientTokenId");
});

test("refuses a request whose body or headers are not what was signed", async () => {
  const secret = secretCall("GetSecretValue", { SecretId: "mine" });
  const headers = signHeaders(server.host, secret);
  const otherBody = await sendRaw(server, { body: JSON.stringify({ SecretId: "hers" }) }, headers);
  assert.equal(JSON.parse(otherBody.body).__type, "InvalidSignatureException");
  const otherTarget = { ...headers, "x-amz-target": "secretsmanager.DeleteSecret" };
  const otherHeader = await sendRaw(server, { body: secret.body }, otherTarget);
  assert.equal(JSON.parse(otherHeader.body).__type, "InvalidSignatureException");
  const cut = { ...headers, authorization: headers.authorization?.replace(/Signature=.*/, "") ?? "" };
  assert.equal(JSON.parse((await sendRaw(server, secret, cut)).body).__type, "IncompleteSignatureException");
});

test("refuses requests signed more than 15 minutes ago or ahead, with both times", async () => {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const early = await sendSigned(server, { ...identityForm, time: at(-16) });
  assert.equal(early.status, 403);
  assert.match(
    early.body,
    /Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)/,
  );
  const late = await sendSigned(server, { ...secretCall("GetSecretValue", { SecretId: "s" }), time: at(16) });
  assert.match(JSON.parse(late.body).message, /^Signature not yet current: .* \+ 15 min\.\)$/);
  assert.equal((await sendSigned(server, { ...identityForm, time: at(-14) })).status, 200);
});

test("refuses credentials that have expired", async () => {
  const expired = { ...rootCredential, expiration: new Date(0) };
  const other = await startAwsServer({
    services: { sts, secretsmanager },
    credentials: { findCredential: () => expired },
  });
  try {
    assert.match((await sendSigned(other, identityForm)).body, /<Code>ExpiredToken<\/Code>/);
    const secret = await sendSigned(other, secretCall("GetSecretValue", { SecretId: "s" }));
    assert.equal(JSON.parse(secret.body).__type, "ExpiredTokenException");
  } finally {
    await other.close();
  }
});

test("survives a client that goes away in the middle of its body", async () => {
  const raw = secretCall("GetSecretValue", { SecretId: "s" });
  const [hostname, port] = server.host.split(":");
  const headers = { ...signHeaders(server.host, raw), "content-length": "1000" };
  const sent = httpRequest({ hostname, port, method: "POST", headers, agent: false });
  sent.on("error", () => undefined);
  sent.write(raw.body);
  await new Promise<void>((resolve) => setImmediate(resolve));
  sent.destroy();
  assert.equal((await sendSigned(server, raw)).status, 200);
  assert.deepEqual(server.defects, []);
});
