import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import { findCostliestBuild } from "./costliest-build.ts";

const dockerfile = "FROM golang AS build\nFROM debian\nCOPY --from=build /a /a\n";

test("the job with most counted requests decides; what an account pulls counts against no address", (t) => {
  const two = templateOf(["docker pull httpd", "docker pull nginx"]);
  const three = buildspecOf("docker login --username alice --password-stdin", "docker pull a/b", "docker pull c/d");
  const repository = repositoryOf(t, { "template.yml": two, "ci/buildspec.yml": three });
  assert.deepEqual(findCostliestBuild(repository), { countedRequests: 4, name: "Build in template.yml" });
});

test("a Dockerfile that no job builds is a build by itself, with the stages that its target needs", (t) => {
  const found = findCostliestBuild(repositoryOf(t, { "app/Dockerfile": dockerfile, Dockerfile: "FROM httpd\n" }));
  assert.deepEqual(found, { countedRequests: 4, name: "app/Dockerfile" });
});

test("a job of a CI goes before a script that pulls more, of which nobody says who runs it", (t) => {
  const files = { "buildspec.yml": buildspecOf("docker pull httpd"), "dev.sh": "docker pull a/b\ndocker pull c/d\n" };
  assert.equal(findCostliestBuild(repositoryOf(t, files))?.name, "buildspec.yml");
});

test("what a service or a developer's machine pulls is no build's", (t) => {
  const files = { "compose.yml": "services:\n  a:\n    image: redis\n", Dockerfile: "FROM public.ecr.aws/x/y\n" };
  assert.equal(findCostliestBuild(repositoryOf(t, files)), undefined);
});
