import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTemplateUrl } from "./template-inputs.ts";

const rows = [
  { url: "https://b.s3.eu-west-1.amazonaws.com/a/t%20x.yml", target: { Bucket: "b", Key: "a/t x.yml" } },
  { url: "https://s3.eu-west-1.amazonaws.com/b/a/t.yml", target: { Bucket: "b", Key: "a/t.yml" } },
  {
    url: "https://my.b.s3.amazonaws.com/t.yml?versionId=v1",
    target: { Bucket: "my.b", Key: "t.yml", VersionId: "v1" },
  },
  { url: "http://127.0.0.1:4566/b/t.yml", target: { Bucket: "b", Key: "t.yml" } },
  { url: "https://s3.amazonaws.com/b", target: undefined },
  { url: "file:///etc/passwd", target: undefined },
  { url: "t.yml", target: undefined },
];
for (const { url, target } of rows) {
  test(`${url} is ${target === undefined ? "no template" : `${target.Key} in ${target.Bucket}`}`, () => {
    assert.deepEqual(parseTemplateUrl(url), target);
  });
}
