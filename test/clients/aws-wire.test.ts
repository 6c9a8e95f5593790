// STS and Secrets Manager with the AWS CLI, boto3 and the SDK for JavaScript; presigned URLs and streamed uploads of S3.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { OperationTable } from "../../src/aws-api/aws-api.ts";
import { secretsManagerOperations } from "../../src/services/secretsmanager/operations.ts";
import { stsOperations } from "../../src/services/sts/operations.ts";
import { openSts } from "../../src/services/sts/sts.ts";
import { secretBoxOf } from "../../src/store/secret-box.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { type AwsServer, startAwsServer, testAccount } from "../fixtures/aws-server.ts";

const execute = promisify(execFile);
const aws = "/usr/bin/aws";
const python = "/usr/bin/python3";
const skipCli = existsSync(aws) ? false : `${aws} is not here`;
const skipPython = existsSync(python) ? false : `${python} is not here`;

const roleArn = `arn:aws:iam::${testAccount}:role/builder`;
const role = {
  arn: roleArn,
  roleId: "AROABUILDER",
  name: "builder",
  maxSessionDuration: 3600,
  trustPolicy: '{"Statement":[]}',
};
const objects = new Map<string, { body: Buffer; input: Record<string, unknown> }>();

/** Just enough of S3 to see what arrives. */
const s3: OperationTable = {
  PutObject: {
    permissions: () => [],
    async run(input: { Bucket: string; Key: string; Body: Readable }) {
      objects.set(`${input.Bucket}/${input.Key}`, { body: await buffer(input.Body), input: { ...input } });
      return { ETag: '"1"' };
    },
  } as OperationTable[string],
  GetObject: {
    permissions: () => [],
    run({ Bucket, Key }: { Bucket: string; Key: string }) {
      const body = objects.get(`${Bucket}/${Key}`)?.body ?? Buffer.alloc(0);
      return { Body: Readable.from([body]), ContentLength: body.length };
    },
  } as OperationTable[string],
};

const directory = mkdtempSync(join(tmpdir(), "chubo-aws-wire-"));
const store = openSqliteStore(join(directory, "chubo.db"));
let server: AwsServer;

before(async () => {
  const now = () => new Date();
  const sts = openSts({
    account: testAccount,
    now,
    roles: { findRole: (arn) => (arn === roleArn ? role : undefined), trusts: () => true },
  });
  const box = secretBoxOf(Buffer.alloc(32, 1));
  const secretsmanager = secretsManagerOperations({ store, box, now, newUuid: randomUUID, newSuffix: () => "AbCdEf" });
  server = await startAwsServer({
    services: { sts: stsOperations(sts), secretsmanager, s3 },
    credentials: sts,
    authorizer: {
      authorize({ principal }, [permission]) {
        if (principal.roleName === undefined || permission === undefined) return undefined;
        const { action, resource } = permission;
        return { message: `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}` };
      },
    },
  });
});
after(async () => {
  await server.close();
  store.close();
  rmSync(directory, { recursive: true });
  assert.deepEqual(server.defects, []);
});

function environment(): Record<string, string> {
  return {
    PATH: "/usr/bin:/bin",
    HOME: directory,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_PAGER: "",
    AWS_EC2_METADATA_DISABLED: "true",
    ENDPOINT: server.url,
  };
}

async function cli(words: string[], variables: Record<string, string> = {}): Promise<string> {
  const env = { ...environment(), ...variables };
  return (await execute(aws, ["--endpoint-url", server.url, ...words], { env })).stdout;
}

async function cliFailure(words: string[], variables?: Record<string, string>): Promise<string> {
  return cli(words, variables).then(
    (output) => assert.fail(`aws ${words.join(" ")} printed ${output}`),
    (error: { stderr: string }) => error.stderr,
  );
}

async function runPython(program: string): Promise<string> {
  const start = "import boto3, os\nfrom botocore.config import Config\nurl = os.environ['ENDPOINT']\n";
  return (await execute(python, ["-c", start + program], { env: environment() })).stdout.trim();
}

test("aws keeps a secret through its life", { skip: skipCli }, async () => {
  const secrets = async (...words: string[]) => JSON.parse((await cli(["secretsmanager", ...words])) || "{}");
  const name = ["--secret-id", "cli/hub"];
  const { ARN } = await secrets("create-secret", "--name", "cli/hub", "--secret-string", '{"user":"été"}');
  assert.match(ARN, /:secret:cli\/hub-AbCdEf$/);
  assert.equal((await secrets("get-secret-value", ...name)).SecretString, '{"user":"été"}');
  await secrets("put-secret-value", ...name, "--secret-string", "two");
  assert.equal((await secrets("get-secret-value", "--secret-id", ARN)).SecretString, "two");
  assert.equal(
    (await secrets("get-secret-value", ...name, "--version-stage", "AWSPREVIOUS")).SecretString,
    '{"user":"été"}',
  );
  await secrets("tag-resource", ...name, "--tags", "Key=a,Value=b");
  assert.deepEqual((await secrets("describe-secret", ...name)).Tags, [{ Key: "a", Value: "b" }]);
  assert.equal((await secrets("list-secrets", "--filters", "Key=name,Values=cli/")).SecretList.length, 1);
  await secrets("delete-secret", ...name);
  assert.match(
    await cliFailure(["secretsmanager", "get-secret-value", ...name]),
    /\(InvalidRequestException\).*marked for deletion/,
  );
  await secrets("restore-secret", ...name);
  await secrets("delete-secret", ...name, "--force-delete-without-recovery");
  assert.match(
    await cliFailure(["secretsmanager", "get-secret-value", ...name]),
    /\(ResourceNotFoundException\) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret\./,
  );
});

test("aws assumes a role, whose session is who it says and is denied by name", { skip: skipCli }, async () => {
  assert.equal(JSON.parse(await cli(["sts", "get-caller-identity"])).Arn, `arn:aws:iam::${testAccount}:root`);
  const assume = ["sts", "assume-role", "--role-arn", roleArn, "--role-session-name"];
  const { Credentials: keys } = JSON.parse(await cli([...assume, "one"]));
  const session = {
    AWS_ACCESS_KEY_ID: keys.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
    AWS_SESSION_TOKEN: keys.SessionToken,
  };
  const identity = JSON.parse(await cli(["sts", "get-caller-identity"], session));
  assert.equal(identity.Arn, `arn:aws:sts::${testAccount}:assumed-role/builder/one`);
  const get = ["secretsmanager", "get-secret-value", "--secret-id", "x"];
  assert.match(
    await cliFailure(get, session),
    /\(AccessDeniedException\).*assumed-role\/builder\/one is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:x/,
  );
  assert.match(await cliFailure([...assume, "a b"]), /\(ValidationError\).*roleSessionName/);
  const other = `arn:aws:iam::${testAccount}:role/other-role`;
  const refused = ["sts", "assume-role", "--role-arn", other, "--role-session-name", "one"];
  assert.match(await cliFailure(refused), /\(AccessDenied\) when calling the AssumeRole operation: User: /);
});

test("aws prints why keys are refused, and what is not supported", { skip: skipCli }, async () => {
  const identity = ["sts", "get-caller-identity"];
  assert.match(await cliFailure(identity, { AWS_ACCESS_KEY_ID: "AKIAX" }), /\(InvalidClientTokenId\)/);
  assert.match(await cliFailure(identity, { AWS_SECRET_ACCESS_KEY: "x" }), /\(SignatureDoesNotMatch\)/);
  const list = ["secretsmanager", "list-secrets"];
  assert.match(await cliFailure(list, { AWS_ACCESS_KEY_ID: "AKIAX" }), /\(UnrecognizedClientException\)/);
  const rotate = await cliFailure(["secretsmanager", "rotate-secret", "--secret-id", "x"]);
  assert.match(rotate, /Chubo does not support secretsmanager:RotateSecret yet/);
  assert.match(await cliFailure(["lambda", "list-functions"]), /Chubo does not support the service lambda yet/);
  assert.match(await cliFailure(["sns", "list-topics"]), /Chubo does not support the service sns yet/);
});

test("aws s3 presign makes an URL that any client can read", { skip: skipCli }, async () => {
  objects.set("bucket/a b+ü.txt", { body: Buffer.from("presigned"), input: {} });
  const url = (await cli(["s3", "presign", "s3://bucket/a b+ü.txt"])).trim();
  assert.equal(await (await fetch(url)).text(), "presigned");
  const forged = await fetch(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"));
  assert.equal(forged.status, 403);
  assert.match(await forged.text(), /<Code>SignatureDoesNotMatch</);
});

test("boto3 keeps secrets, assumes a role and sees AWS's errors", { skip: skipPython }, async () => {
  const printed = await runPython(`
secrets = boto3.client('secretsmanager', endpoint_url=url)
made = secrets.create_secret(Name='boto', SecretBinary=b'\\x00\\xff')
print(secrets.get_secret_value(SecretId=made['ARN'])['SecretBinary'] == b'\\x00\\xff')
print(secrets.describe_secret(SecretId='boto')['CreatedDate'].year > 2000)
try: secrets.get_secret_value(SecretId='none')
except secrets.exceptions.ResourceNotFoundException as error: print(error.response['Error']['Message'])
sts = boto3.client('sts', endpoint_url=url)
print(sts.assume_role(RoleArn='${roleArn}', RoleSessionName='boto')['AssumedRoleUser']['AssumedRoleId'])
print(sts.get_session_token()['Credentials']['Expiration'].tzinfo is not None)
`);
  assert.deepEqual(printed.split("\n"), [
    "True",
    "True",
    "Secrets Manager can't find the specified secret.",
    "AROABUILDER:boto",
    "True",
  ]);
});

test("boto3 presigns uploads and downloads, with either version of signature", { skip: skipPython }, async () => {
  const printed = await runPython(`
for version in (None, 's3v4'):
    s3 = boto3.client('s3', endpoint_url=url, config=Config(signature_version=version))
    print(s3.generate_presigned_url('put_object', Params={'Bucket': 'bucket', 'Key': 'k ey/é', 'ContentType': 'text/x'}))
    print(s3.generate_presigned_url('get_object', Params={'Bucket': 'bucket', 'Key': 'k ey/é', 'VersionId': '1'}))
`);
  const urls = printed.split("\n");
  assert.equal(urls.length, 4);
  for (const [put = "", get = ""] of [urls.slice(0, 2), urls.slice(2)]) {
    const body = `body of ${put}`;
    const answer = await fetch(put, { method: "PUT", body, headers: { "content-type": "text/x" } });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal(await (await fetch(get)).text(), body);
  }
});

test("boto3 uploads with each checksum", { skip: skipPython }, async () => {
  await runPython(`
s3 = boto3.client('s3', endpoint_url=url)
for name in ('CRC32', 'SHA1', 'SHA256'):
    s3.put_object(Bucket='bucket', Key=name, Body=b'x' * 100000, ChecksumAlgorithm=name)
`);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32("x".repeat(100_000)));
  assert.equal(objects.get("bucket/CRC32")?.input.ChecksumCRC32, checksum.toString("base64"));
  assert.equal(objects.get("bucket/SHA256")?.body.length, 100_000);
});

const clientOptions = () => ({
  endpoint: server.url,
  region: "eu-west-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

test("the SDK for JavaScript keeps secrets, assumes a role and sees AWS's errors as their classes", async () => {
  const secrets = new SecretsManagerClient(clientOptions());
  const { ARN } = await secrets.send(new CreateSecretCommand({ Name: "javascript", SecretString: "s" }));
  assert.equal((await secrets.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString, "s");
  const listed = await secrets.send(new ListSecretsCommand({ Filters: [{ Key: "name", Values: ["javascript"] }] }));
  assert.ok(listed.SecretList?.[0]?.CreatedDate instanceof Date);
  const missing = secrets.send(new GetSecretValueCommand({ SecretId: "none" }));
  await assert.rejects(
    missing,
    (error) => error instanceof ResourceNotFoundException && error.$metadata.httpStatusCode === 400,
  );
  const sts = new STSClient(clientOptions());
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "js" }));
  const credentials = {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
  const session = new STSClient({ ...clientOptions(), credentials });
  assert.match((await session.send(new GetCallerIdentityCommand({}))).Arn ?? "", /assumed-role\/builder\/js$/);
  for (const client of [secrets, sts, session]) client.destroy();
});

test("the SDK for JavaScript streams an upload with a trailing checksum, to a bucket in the host's name", async () => {
  // Not every resolver knows the names below localhost.
  const httpAgent = new Agent({
    lookup: (_host, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]),
  });
  const endpoint = server.url.replace("127.0.0.1", "localhost");
  const client = new S3Client({ ...clientOptions(), endpoint, requestHandler: { httpAgent } });
  const content = Buffer.alloc(300_000, "stream");
  const pieces = Array.from({ length: 30 }, (_, index) => content.subarray(index * 10_000, (index + 1) * 10_000));
  await client.send(
    new PutObjectCommand({ Bucket: "hosted", Key: "a/b", Body: Readable.from(pieces), ContentLength: content.length }),
  );
  const stored = objects.get("hosted/a/b");
  assert.ok(stored?.body.equals(content));
  assert.equal(stored?.input.ContentLength, content.length);
  assert.match(String(stored?.input.ChecksumCRC32), /^[\w+/]{6}==$/);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: "hosted", Key: "a/b" }));
  assert.equal((await Body?.transformToByteArray())?.length, content.length);
  client.destroy();
});
