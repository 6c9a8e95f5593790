import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createS3Router } from "./s3-router.ts";
import { serviceTable } from "./sdk-schemas.ts";
import { loadServiceSchemas } from "./service-schemas.ts";

let route: ReturnType<typeof createS3Router>;
before(async () => {
  route = createS3Router(await loadServiceSchemas(serviceTable.s3!));
});

const routes: [request: string, operation: string | undefined, headers?: Record<string, string>][] = [
  ["GET /", "ListBuckets"],
  ["GET /?x-id=ListBuckets", "ListBuckets"],
  ["GET /b", "ListObjects"],
  ["GET /b/", "ListObjects"],
  ["GET /b?list-type=2&prefix=x", "ListObjectsV2"],
  ["GET /b?location", "GetBucketLocation"],
  ["GET /b?versioning", "GetBucketVersioning"],
  ["GET /b?versions", "ListObjectVersions"],
  ["GET /b?uploads", "ListMultipartUploads"],
  ["GET /b?analytics", "ListBucketAnalyticsConfigurations"],
  ["GET /b?analytics&id=1", "GetBucketAnalyticsConfiguration"],
  ["PUT /b", "CreateBucket"],
  ["PUT /b?policy", "PutBucketPolicy"],
  ["HEAD /b", "HeadBucket"],
  ["DELETE /b", "DeleteBucket"],
  ["POST /b?delete", "DeleteObjects"],
  ["GET /b/k", "GetObject"],
  ["GET /b/k/", "GetObject"],
  ["GET /b/k?x-id=GetObject", "GetObject"],
  ["GET /b/k?versionId=1", "GetObject"],
  ["GET /b/k?uploadId=1", "ListParts"],
  ["GET /b/k?tagging", "GetObjectTagging"],
  ["GET /b/k?attributes", "GetObjectAttributes", { "x-amz-object-attributes": "ETag" }],
  ["HEAD /b/k", "HeadObject"],
  ["PUT /b/k", "PutObject"],
  ["PUT /b/k", "CopyObject", { "x-amz-copy-source": "b/k2" }],
  ["PUT /b/k?partNumber=1&uploadId=1", "UploadPart"],
  ["PUT /b/k?partNumber=1&uploadId=1", "UploadPartCopy", { "x-amz-copy-source": "b/k2" }],
  ["POST /b/k?uploads", "CreateMultipartUpload"],
  ["POST /b/k?uploadId=1", "CompleteMultipartUpload"],
  ["DELETE /b/k", "DeleteObject"],
  ["DELETE /b/k?uploadId=1", "AbortMultipartUpload"],
  ["POST /b", undefined],
  ["POST /b/k", undefined],
  ["PATCH /b/k", undefined],
];

for (const [request, operation, headers = {}] of routes) {
  const marks = Object.keys(headers).join(", ");
  test(`routes ${request}${marks === "" ? "" : ` with ${marks}`} to ${operation ?? "nothing"}`, () => {
    const [method = "", url = ""] = request.split(" ");
    const [path = "", query] = url.split("?");
    const found = route({
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      host: "localhost",
      body: Buffer.alloc(0),
    });
    assert.equal(found, operation);
  });
}
