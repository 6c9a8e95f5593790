import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { Agent } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import {
  type AwsServer,
  type RawRequest,
  rootCredential,
  sendRaw,
  sendSigned,
  sessionCredential,
  signHeaders,
  startAwsServer,
} from "../../test/fixtures/aws-server.ts";
import type { OperationTable } from "./aws-api.ts";
import { AwsError } from "./aws-error.ts";
import type { CallContext } from "./service.ts";

type Input = Record<string, unknown>;
const calls: { operation: string; input: Input; body?: string }[] = [];

function recording(run: (input: Input) => unknown) {
  return {
    permissions: () => [],
    async run(input: Input, { operation }: CallContext) {
      const call: (typeof calls)[number] = { operation, input };
      calls.push(call);
      if (input.Body instanceof Readable) call.body = String(await buffer(input.Body));
      return run(input);
    },
  };
}

const s3: OperationTable = {
  PutObject: recording(() => ({ ETag: '"e"' })),
  CreateBucket: recording(({ Bucket }) => ({ Location: `/${Bucket}` })),
  DeleteObjects: recording(() => ({ Deleted: [{ Key: "a" }, { Key: "b<" }] })),
  DeleteObject: recording(() => ({})),
  GetBucketLocation: recording(() => ({ LocationConstraint: "eu-west-1" })),
  ListObjectsV2: recording(({ Bucket }) => ({
    Name: Bucket,
    Contents: [{ Key: "a", Size: 1, LastModified: new Date(0) }, { Key: "b" }],
    CommonPrefixes: [{ Prefix: "c/" }],
    KeyCount: 3,
  })),
  HeadObject: recording(() => ({ ContentLength: 12, ContentType: "text/plain", Metadata: { colour: "red" } })),
  HeadBucket: recording(() => {
    throw new AwsError("NotFound", "Not Found");
  }),
  GetObject: recording(({ Range, Key }) => {
    if (Key === "none")
      throw new AwsError("NoSuchKey", "The specified key does not exist.", { members: { Key: "none" } });
    if (Key === "same") throw new AwsError("NotModified", "Not Modified");
    if (Key === "named") return { Body: "x", ContentDisposition: "attachment; filename=厨房" };
    if (Key === "broken") return { Body: Readable.from(brokenBody()), ContentLength: 10 };
    const text = Range === undefined ? "hello world" : "hello";
    return {
      Body: Readable.from([Buffer.from(text)]),
      ContentLength: text.length,
      LastModified: new Date(0),
      Metadata: { colour: "red" },
      ...(Range === undefined ? {} : { ContentRange: "bytes 0-4/11" }),
    };
  }),
};

async function* brokenBody() {
  yield Buffer.from("half");
  throw new Error("the disk broke");
}

let server: AwsServer;
before(async () => {
  server = await startAwsServer({ services: { s3 } });
});
after(() => server.close());

const s3Call = (raw: Omit<RawRequest, "service">) => sendSigned(server, { service: "s3", ...raw });
const put = (raw: Omit<RawRequest, "service">) => s3Call({ method: "PUT", path: "/bucket/key", ...raw });

test("gives an upload's headers, metadata and body to the operation", async () => {
  const { status, headers } = await put({
    path: "/bucket/a%20folder/k%2By%3F",
    headers: {
      "content-type": "text/x",
      "x-amz-meta-colour": "red",
      "content-length": "4",
      expires: "Thu, 01 Jan 1970 00:00:00 GMT",
    },
    body: "body",
  });
  assert.equal(status, 200);
  assert.equal(headers.etag, '"e"');
  const { operation, input, body } = calls.at(-1)!;
  const { Body: _, ...members } = input;
  assert.equal(operation, "PutObject");
  assert.equal(body, "body");
  assert.deepEqual(members, {
    Bucket: "bucket",
    Key: "a folder/k+y?",
    ContentType: "text/x",
    ContentLength: 4,
    Expires: new Date(0),
    Metadata: { colour: "red" },
  });
});

test("finds the bucket in the host, of AWS and of localhost", async () => {
  for (const host of [
    "my.bucket.s3.eu-west-1.amazonaws.com",
    "my.bucket.s3.amazonaws.com",
    "my.bucket.localhost:4566",
  ]) {
    const raw: RawRequest = { service: "s3", method: "PUT", path: "/a/b", body: "x" };
    const answer = await sendRaw(server, raw, signHeaders(host, raw));
    assert.equal(answer.status, 200, answer.body);
    assert.equal(calls.at(-1)?.input.Bucket, "my.bucket");
    assert.equal(calls.at(-1)?.input.Key, "a/b");
  }
});

test("fails the stream of a body that is not the one that was signed", async () => {
  const payloadHash = createHash("sha256").update("other").digest("hex");
  const { status, body } = await put({ body: "body", payloadHash });
  assert.equal(status, 400);
  assert.match(body, /<Code>XAmzContentSHA256Mismatch<\/Code>/);
  assert.ok(body.includes(`<ClientComputedContentSHA256>${payloadHash}</ClientComputedContentSHA256>`));
});

const crc32OfHello = "DUoRhQ==";
function trailing(text: string, value: string): Omit<RawRequest, "service"> {
  return {
    headers: {
      "content-encoding": "gzip,aws-chunked",
      "x-amz-decoded-content-length": String(text.length),
      "x-amz-trailer": "x-amz-checksum-crc32",
    },
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    body: `${text.length.toString(16)}\r\n${text}\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`,
  };
}

test("decodes an aws-chunked body, and describes to the operation what it decoded to", async () => {
  assert.equal((await put(trailing("hello world", crc32OfHello))).status, 200);
  const { input, body } = calls.at(-1)!;
  assert.equal(body, "hello world");
  assert.equal(input.ContentLength, 11);
  assert.equal(input.ContentEncoding, "gzip");
  assert.equal(input.ChecksumAlgorithm, "CRC32");
  assert.equal(input.ChecksumCRC32, crc32OfHello);
});

test("fails the stream of an aws-chunked body with another checksum", async () => {
  const { status, body } = await put(trailing("hello worlD", crc32OfHello));
  assert.equal(status, 400);
  assert.match(body, /<Code>BadDigest<\/Code><Message>The CRC32 you specified/);
});

/** Signs chunks as SDKs do, with a trailer. */
function signedChunks(text: string, checksum: string): Buffer {
  const raw: RawRequest = { service: "s3", method: "PUT", path: "/bucket/key", ...trailing(text, checksum) };
  raw.payloadHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  raw.time = chunkTime;
  const authorization = signHeaders(server.host, raw).authorization ?? "";
  const time = chunkTime.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/eu-west-1/s3/aws4_request`;
  let key: string | Buffer = "AWS4test";
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  const hash = (value: string) => createHash("sha256").update(value).digest("hex");
  let previous = authorization.split("Signature=")[1] ?? "";
  const sign = (kind: string, ...parts: string[]) => {
    const content = [`AWS4-HMAC-SHA256-${kind}`, time, scope, previous, ...parts].join("\n");
    previous = createHmac("sha256", key).update(content).digest("hex");
    return previous;
  };
  const size = text.length.toString(16);
  const first = `${size};chunk-signature=${sign("PAYLOAD", hash(""), hash(text))}\r\n${text}\r\n`;
  const last = `0;chunk-signature=${sign("PAYLOAD", hash(""), hash(""))}\r\n`;
  const trailer = `x-amz-checksum-crc32:${checksum}\r\n`;
  const end = `x-amz-trailer-signature:${sign("TRAILER", hash(`x-amz-checksum-crc32:${checksum}\n`))}\r\n\r\n`;
  return Buffer.from(first + last + trailer + end);
}
const chunkTime = new Date();

test("verifies the signatures of chunks and of the trailer", async () => {
  const raw = {
    ...trailing("hello world", crc32OfHello),
    payloadHash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    time: chunkTime,
  };
  const body = signedChunks("hello world", crc32OfHello);
  assert.equal((await put({ ...raw, body })).status, 200);
  assert.equal(calls.at(-1)?.body, "hello world");
  const forgedTrailer = Buffer.from(String(body).replace(crc32OfHello, "AAAAAA=="));
  assert.match((await put({ ...raw, body: forgedTrailer })).body, /<Code>SignatureDoesNotMatch</);
  const forgedChunk = Buffer.from(String(body).replace("hello", "hullo"));
  assert.match((await put({ ...raw, body: forgedChunk })).body, /<Code>SignatureDoesNotMatch</);
});

test("names a payload form that is not supported", async () => {
  const { status, body } = await put({ payloadHash: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" });
  assert.equal(status, 501);
  assert.match(body, /Chubo does not support the payload STREAMING-AWS4-ECDSA/);
});

test("reads XML documents, and refuses what is none", async () => {
  const xml = (text: string) => ({ method: "POST", path: "/bucket?delete", body: text });
  const answer = await s3Call(
    xml("<Delete><Object><Key>a</Key></Object><Object><Key>b&lt;</Key></Object><Quiet>true</Quiet></Delete>"),
  );
  assert.deepEqual(calls.at(-1)?.input, {
    Bucket: "bucket",
    Delete: { Objects: [{ Key: "a" }, { Key: "b<" }], Quiet: true },
  });
  assert.match(
    answer.body,
    /^<\?xml .*\n<DeleteResult xmlns="http:\/\/s3.amazonaws.com\/doc\/2006-03-01\/"><Deleted><Key>a<\/Key><\/Deleted><Deleted>/,
  );
  assert.match((await s3Call(xml("<Delete>"))).body, /<Code>MalformedXML</);
  const create = {
    method: "PUT",
    path: "/bucket",
    body: "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
  };
  await s3Call(create);
  assert.deepEqual(calls.at(-1)?.input.CreateBucketConfiguration, { LocationConstraint: "eu-west-1" });
});

test("writes flattened lists and the location's bare text", async () => {
  const list = await s3Call({ method: "GET", path: "/bucket?list-type=2&max-keys=5" });
  assert.equal(calls.at(-1)?.input.MaxKeys, 5);
  assert.ok(
    list.body.includes(
      "<Contents><Key>a</Key><LastModified>1970-01-01T00:00:00Z</LastModified><Size>1</Size></Contents><Contents><Key>b</Key></Contents>",
    ),
    list.body,
  );
  const location = await s3Call({ method: "GET", path: "/bucket?location" });
  assert.match(location.body, /<LocationConstraint xmlns="[^"]+">eu-west-1<\/LocationConstraint>$/);
});

test("streams an object with its headers, and a range of it as 206", async () => {
  const whole = await s3Call({ method: "GET", path: "/bucket/key" });
  assert.equal(whole.status, 200);
  assert.equal(whole.body, "hello world");
  assert.equal(whole.headers["content-length"], "11");
  assert.equal(whole.headers["last-modified"], "Thu, 01 Jan 1970 00:00:00 GMT");
  assert.equal(whole.headers["x-amz-meta-colour"], "red");
  const part = await s3Call({ method: "GET", path: "/bucket/key", headers: { range: "bytes=0-4" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers["content-range"], "bytes 0-4/11");
  assert.equal(part.body, "hello");
});

test("writes text beyond Latin-1 into a header as UTF-8", async () => {
  const { headers } = await s3Call({ method: "GET", path: "/bucket/named" });
  const written = Buffer.from(headers["content-disposition"] ?? "", "latin1").toString("utf8");
  assert.equal(written, "attachment; filename=厨房");
});

test("answers a HEAD with the object's length and no body, also where it refuses", async () => {
  const head = await s3Call({ method: "HEAD", path: "/bucket/key" });
  assert.equal(head.headers["content-length"], "12");
  assert.equal(head.headers["x-amz-meta-colour"], "red");
  const none = await s3Call({ method: "HEAD", path: "/bucket" });
  assert.equal(none.status, 404);
  assert.equal(none.body, "");
});

test("answers a deletion with 204 and what was not modified with 304, without body or length", async () => {
  assert.equal((await s3Call({ method: "DELETE", path: "/bucket/key" })).status, 204);
  const same = await s3Call({ method: "GET", path: "/bucket/same" });
  assert.equal(same.status, 304);
  assert.equal(same.body, "");
});

test("writes an S3 error with its members", async () => {
  const { status, body } = await s3Call({ method: "GET", path: "/bucket/none" });
  assert.equal(status, 404);
  assert.match(
    body,
    /<Error><Code>NoSuchKey<\/Code><Message>The specified key does not exist.<\/Message><Key>none<\/Key><RequestId>/,
  );
});

test("cuts off an object that cannot be read to its end", async () => {
  await assert.rejects(s3Call({ method: "GET", path: "/bucket/broken" }), { code: "ECONNRESET" });
  assert.deepEqual(server.defects.splice(0).map(String), ["Error: the disk broke"]);
});

test("refuses an upload without reading it, and keeps the connection usable", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const upload: RawRequest = { service: "s3", method: "PUT", path: "/bucket/key?acl", body: "x".repeat(3_000_000) };
  const forged = { ...upload, path: "/bucket/key", credential: { ...rootCredential, secretAccessKey: "x" } };
  try {
    const { status, body } = await sendSigned(server, upload, agent);
    assert.equal(status, 501);
    assert.match(body, /<Code>NotImplemented<\/Code><Message>Chubo does not support s3:PutObjectAcl yet/);
    assert.equal((await sendSigned(server, forged, agent)).status, 403);
    const mismatch = { ...trailing("hello worlD", crc32OfHello), service: "s3", method: "PUT", path: "/bucket/key" };
    assert.equal((await sendSigned(server, mismatch, agent)).status, 400);
    assert.equal((await sendSigned(server, { service: "s3", method: "GET", path: "/bucket/key" }, agent)).status, 200);
  } finally {
    agent.destroy();
  }
});

test("refuses in S3's words what is unsigned, unknown or late", async () => {
  const code = async (answer: Promise<{ body: string }>) => /<Code>(\w+)/.exec((await answer).body)?.[1];
  const get = { method: "GET", path: "/bucket/key" };
  assert.equal(await code(sendRaw(server, get, { host: "s3.amazonaws.com" })), "AccessDenied");
  const basic = { host: "s3.amazonaws.com", authorization: "AWS test:signature" };
  assert.equal(await code(sendRaw(server, get, basic)), "InvalidRequest");
  assert.equal(
    await code(s3Call({ ...get, credential: { ...rootCredential, accessKeyId: "AKIAX" } })),
    "InvalidAccessKeyId",
  );
  assert.equal(
    await code(s3Call({ ...get, credential: { ...rootCredential, secretAccessKey: "x" } })),
    "SignatureDoesNotMatch",
  );
  assert.equal(await code(s3Call({ ...get, credential: { ...sessionCredential, sessionToken: "x" } })), "InvalidToken");
  assert.equal(await code(s3Call({ ...get, time: new Date(0) })), "RequestTimeTooSkewed");
});

test("takes a URL presigned with SigV2 until it expires, and for the request that was signed", async () => {
  const sign = (expires: number, text = `GET\n\n\n${expires}\n/bucket/a%20key?versionId=1`) =>
    encodeURIComponent(createHmac("sha1", "test").update(text).digest("base64"));
  const url = (expires: number, signature: string) =>
    `/bucket/a%20key?versionId=1&AWSAccessKeyId=test&Signature=${signature}&Expires=${expires}`;
  const get = (path: string) => sendRaw(server, { method: "GET", path }, { host: server.host });
  const soon = Math.floor(Date.now() / 1000) + 60;
  const good = await get(url(soon, sign(soon)));
  assert.equal(good.status, 200, good.body);
  assert.equal(calls.at(-1)?.input.Key, "a key");
  assert.match((await get(url(soon, sign(soon, "other")))).body, /SignatureDoesNotMatch/);
  const past = soon - 3600;
  assert.match(
    (await get(url(past, sign(past)))).body,
    /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message><Expires>/,
  );
});
