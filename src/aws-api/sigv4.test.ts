import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { type AwsChunkedOptions, decodeAwsChunked } from "./aws-chunked.ts";
import { findSignature } from "./signature.ts";
import { computeSignature } from "./sigv4.ts";

// The worked examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const scope = "20130524/us-east-1/s3/aws4_request";
const time = "20130524T000000Z";
const host = "examplebucket.s3.amazonaws.com";
const emptyHash = createHash("sha256").digest("hex");

interface Example {
  title: string;
  method: string;
  path: string;
  query?: string;
  headers: Record<string, string>;
  payloadHash: string;
  signature: string;
}

const examples: Example[] = [
  {
    title: "an object with a range",
    method: "GET",
    path: "/test.txt",
    headers: { host, range: "bytes=0-9", "x-amz-content-sha256": emptyHash, "x-amz-date": time },
    payloadHash: emptyHash,
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    title: "an upload whose key has a dollar sign",
    method: "PUT",
    path: "/test$file.text",
    headers: {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      host,
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "x-amz-date": time,
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    title: "a subresource without a value",
    method: "GET",
    path: "/",
    query: "lifecycle",
    headers: { host, "x-amz-content-sha256": emptyHash, "x-amz-date": time },
    payloadHash: emptyHash,
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    title: "a list with two query parameters",
    method: "GET",
    path: "/",
    query: "max-keys=2&prefix=J",
    headers: { host, "x-amz-content-sha256": emptyHash, "x-amz-date": time },
    payloadHash: emptyHash,
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
];

for (const { title, method, path, query = "", headers, payloadHash, signature } of examples) {
  test(`computes the signature that AWS documents for ${title}`, () => {
    const request = { method, path, query: new URLSearchParams(query), headers };
    const signedHeaders = Object.keys(headers).sort();
    assert.equal(computeSignature(request, { scope, time, signedHeaders }, payloadHash, secret), signature);
  });
}

test("computes the signature that AWS documents for a presigned URL", () => {
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `AKIAIOSFODNN7EXAMPLE/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": "86400",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  });
  const found = findSignature({ headers: { host }, query });
  assert.ok(found);
  assert.equal(found.expires, 86400);
  const request = { method: "GET", path: "/test.txt", query, headers: { host } };
  assert.equal(computeSignature(request, found, "UNSIGNED-PAYLOAD", secret), found.signature);
});

test("sorts query parameters by name before value, not by the joined text", () => {
  const headers = { host };
  const request = (text: string) => ({ method: "GET", path: "/", query: new URLSearchParams(text), headers });
  const sign = (text: string) =>
    computeSignature(request(text), { scope, time, signedHeaders: ["host"] }, emptyHash, secret);
  assert.equal(sign("a-b=1&a=1"), sign("a=1&a-b=1"));
  // `=` sorts after `-`: joined texts would come in the other order and sign another text.
  assert.equal(sign("a=1&a-b=1"), "d49d19c4695840c10a1b6910a582e0233b9a249f7b6bdedc831f3ec24b93c2b9");
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
const chunkSignatures = [
  "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];
const seed = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  scope,
  region: "us-east-1",
  service: "s3",
  time,
  signedHeaders: [],
  signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  securityToken: undefined,
  expires: undefined,
};

function documentedBody(): Buffer {
  const chunk = (size: number, index: number) =>
    `${size.toString(16)};chunk-signature=${chunkSignatures[index]}\r\n${"a".repeat(size)}\r\n`;
  return Buffer.from(chunk(65536, 0) + chunk(1024, 1) + chunk(0, 2));
}

async function decode(body: Buffer, options: Partial<AwsChunkedOptions> = {}, pieceSize = 1000): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < body.length; at += pieceSize) yield body.subarray(at, at + pieceSize);
  }
  const defaults = { decodedLength: undefined, trailer: undefined, onTrailer: () => undefined };
  return buffer(decodeAwsChunked(pieces(), { ...defaults, ...options }));
}

const signing = { signature: seed, secretAccessKey: secret };

test("decodes the signed chunks that AWS documents, however they arrive", async () => {
  for (const pieceSize of [1, 1000, 100_000]) {
    const decoded = await decode(documentedBody(), { signing, decodedLength: 66560 }, pieceSize);
    assert.equal(decoded.length, 66560);
    assert.ok(decoded.equals(Buffer.alloc(66560, "a")));
  }
});

const refusals: [title: string, change: (body: Buffer) => Buffer, name: string][] = [
  [
    "a byte of whose first chunk was changed",
    (body) => Buffer.concat([body.subarray(0, 500), Buffer.from("b"), body.subarray(501)]),
    "SignatureDoesNotMatch",
  ],
  ["whose last chunk is missing", (body) => body.subarray(0, -88), "IncompleteBody"],
  ["that ends within a chunk", (body) => body.subarray(0, 30_000), "IncompleteBody"],
  ["whose chunk header is no number", (body) => Buffer.concat([Buffer.from("x"), body]), "IncompleteBody"],
  ["that is empty", () => Buffer.alloc(0), "IncompleteBody"],
];
for (const [title, change, name] of refusals) {
  test(`refuses a chunked body ${title}`, async () => {
    await assert.rejects(decode(change(documentedBody()), { signing, decodedLength: 66560 }), { name });
  });
}

test("refuses a chunked body that is not as long as was said", async () => {
  await assert.rejects(decode(documentedBody(), { signing, decodedLength: 66561 }), { name: "IncompleteBody" });
});

const trailers: [name: string, value: string][] = [
  ["x-amz-checksum-crc32", "DUoRhQ=="],
  ["x-amz-checksum-crc32c", "yZRlqg=="],
  ["x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="],
  ["x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="],
];
for (const [trailer, value] of trailers) {
  test(`verifies the trailing ${trailer}, and passes it on before the body ends`, async () => {
    const passed: string[] = [];
    const onTrailer = (name: string, text: string) => passed.push(`${name}: ${text}`);
    const body = (text: string, given: string) =>
      Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n0\r\n${trailer}:${given}\r\n\r\n`);
    assert.equal(String(await decode(body("hello world", value), { trailer, onTrailer })), "hello world");
    assert.deepEqual(passed, [`${trailer}: ${value}`]);
    await assert.rejects(decode(body("hello worlD", value), { trailer }), { name: "BadDigest" });
    await assert.rejects(decode(Buffer.from("0\r\n\r\n"), { trailer }), { name: "MalformedTrailerError" });
  });
}
