import assert from "node:assert/strict";
import { test } from "node:test";
import { parseImageReference } from "../../oci/image-reference.ts";
import type { ImageUse } from "../image-use.ts";
import { findNameBehind, sourceOf } from "./image-source.ts";

function use(change: Partial<ImageUse>): ImageUse {
  const written = change.reference ?? "$IMAGE";
  return { kind: "dockerfile", site: "FROM", written, range: { start: 0, end: written.length }, ...change };
}

const ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
const sourceIn = (change: Partial<ImageUse>, prefixes: readonly string[] = []) =>
  sourceOf(use(change), prefixes).source;

test("a name without a host is Docker Hub's, official without a namespace", () => {
  assert.deepEqual(
    ["httpd:2.4", "docker.io/library/httpd", "acme/web", "ghcr.io/acme/web"].map((reference) => {
      const { source, isOfficial } = sourceOf(use({ reference }), []);
      return `${source} ${isOfficial}`;
    }),
    ["docker-hub true", "docker-hub true", "docker-hub false", "other-registry false"],
  );
});

test("CodeBuild's own names are its own only for an environment", () => {
  const reference = "aws/codebuild/standard:7.0";
  assert.equal(sourceIn({ reference, kind: "runner" }), "curated");
  assert.equal(sourceIn({ reference }), "docker-hub");
});

test("where only the tag is open, the registry is certain", () => {
  assert.equal(sourceIn({ registryHint: "docker.io" }), "docker-hub");
  assert.equal(sourceIn({ registryHint: "ghcr.io" }), "other-registry");
  assert.equal(sourceIn({ registryHint: "*.dkr.ecr.*.amazonaws.com" }), "other-registry");
  assert.equal(sourceIn({}), "not-constant");
  assert.equal(sourceIn({ reference: "<IMAGE1_NAME>" }), "not-constant");
});

test("a pull-through cache is known by its rule's prefix, in ECR alone", () => {
  const reference = `${ecr}/docker-hub/library/httpd:2.4`;
  assert.equal(sourceIn({ reference }, ["docker-hub"]), "pull-through-cache");
  assert.equal(sourceIn({ reference }, ["ROOT"]), "pull-through-cache");
  assert.equal(sourceIn({ reference }, ["docker"]), "other-registry");
  assert.equal(sourceIn({ reference: "ghcr.io/docker-hub/library/httpd" }, ["docker-hub"]), "other-registry");
});

test("the name behind a prefix is Docker Hub's", () => {
  const reference = parseImageReference(`${ecr}/team/docker-hub/library/httpd:2.4`);
  assert.equal(findNameBehind(reference, "team/docker-hub/"), "library/httpd");
  assert.equal(findNameBehind(reference, "ROOT"), "team/docker-hub/library/httpd");
  assert.equal(findNameBehind(reference, "docker-hub"), undefined);
});
