import assert from "node:assert/strict";
import { test } from "node:test";
import { formatImageReference, type ImageReference, isTag, parseImageReference } from "./image-reference.ts";

const digest = `sha256:${"a".repeat(64)}` as const;

const references: [text: string, reference: ImageReference][] = [
  ["httpd", { registry: "docker.io", repository: "library/httpd", tag: "latest" }],
  ["httpd:2.4", { registry: "docker.io", repository: "library/httpd", tag: "2.4" }],
  ["user/app", { registry: "docker.io", repository: "user/app", tag: "latest" }],
  ["docker.io/httpd", { registry: "docker.io", repository: "library/httpd", tag: "latest" }],
  ["index.docker.io/user/app:1", { registry: "docker.io", repository: "user/app", tag: "1" }],
  ["localhost/app", { registry: "localhost", repository: "app", tag: "latest" }],
  ["127.0.0.1:5000/app:v1", { registry: "127.0.0.1:5000", repository: "app", tag: "v1" }],
  ["[::1]:5000/app", { registry: "[::1]:5000", repository: "app", tag: "latest" }],
  [
    "public.ecr.aws/docker/library/httpd:2.4",
    { registry: "public.ecr.aws", repository: "docker/library/httpd", tag: "2.4" },
  ],
  [`httpd@${digest}`, { registry: "docker.io", repository: "library/httpd", digest }],
  [`host.example/a/b__c:t@${digest}`, { registry: "host.example", repository: "a/b__c", tag: "t", digest }],
];
for (const [text, reference] of references) {
  test(`reads ${text.replace(digest, "DIGEST")} and writes it canonically`, () => {
    assert.deepEqual(parseImageReference(text), reference);
    assert.deepEqual(parseImageReference(formatImageReference(reference)), reference);
  });
}

const faulty: [text: string, message: RegExp][] = [
  ["", /invalid repository name/],
  ["App", /invalid repository name/],
  ["app:", /invalid tag/],
  ["app:-x", /invalid tag/],
  ["a//b", /invalid repository name/],
  ["app@sha256:abc", /invalid digest/],
  ["http://host/app", /invalid registry host/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a Dockerfile that nobody resolved
  ["${REGISTRY}.example/app", /invalid registry host/],
  ["-host.example/app", /invalid registry host/],
  [`${"a".repeat(256)}`, /invalid repository name/],
];
for (const [text, message] of faulty) {
  test(`refuses ${text.slice(0, 40) || "an empty reference"}`, () => {
    assert.throws(() => parseImageReference(text), message);
  });
}

test("takes tags of up to 128 characters", () => {
  assert.ok(isTag("a".repeat(128)));
  assert.ok(!isTag("a".repeat(129)));
});

test("Docker Hub under one of its hosts with HTTPS's port is Docker Hub", () => {
  assert.equal(parseImageReference("registry-1.docker.io:443/library/nginx:1").registry, "docker.io");
  assert.equal(parseImageReference("docker.io:5000/library/nginx:1").registry, "docker.io:5000");
});
