import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalRepository, type RepositoryPlace, splitRepository } from "./repository-names.ts";

const nowhere: RepositoryPlace = { proxiedHost: undefined, namespace: undefined };

const cases: [title: string, name: string, place: Partial<RepositoryPlace>, canonical: string][] = [
  ["dockerd's mirror request", "library/httpd", {}, "docker.io/library/httpd"],
  ["a bare name", "httpd", {}, "docker.io/library/httpd"],
  ["containerd's namespace", "library/httpd", { namespace: "docker.io" }, "docker.io/library/httpd"],
  ["the namespace of another registry", "owner/app", { namespace: "ghcr.io" }, "ghcr.io/owner/app"],
  ["a namespace with a port", "app", { namespace: "registry.example:5000" }, "registry.example:5000/app"],
  ["a registry in the path", "quay.io/owner/app", {}, "quay.io/owner/app"],
  ["Docker Hub in the path, without library/", "docker.io/httpd", {}, "docker.io/library/httpd"],
  ["an alias of Docker Hub", "index.docker.io/user/app", {}, "docker.io/user/app"],
  ["a request by proxy", "library/httpd", { proxiedHost: "registry-1.docker.io" }, "docker.io/library/httpd"],
  [
    "a request by proxy to ECR Public",
    "docker/library/httpd",
    { proxiedHost: "public.ecr.aws" },
    "public.ecr.aws/docker/library/httpd",
  ],
  [
    "a request by proxy to a host that is not listed",
    "app",
    { proxiedHost: "registry.example" },
    "registry.example/app",
  ],
  [
    "a request by proxy whose name looks like a host",
    "ghcr.io/app",
    { proxiedHost: "registry.example" },
    "registry.example/ghcr.io/app",
  ],
];
for (const [title, name, place, canonical] of cases) {
  test(`${title} means ${canonical}`, () => {
    assert.equal(canonicalRepository(name, { ...nowhere, ...place }), canonical);
  });
}

for (const namespace of ["a b", "..", "user@host.example", "host.example/../x", "[::1", "%00"]) {
  test(`the namespace ${JSON.stringify(namespace)} is refused as a name`, () => {
    assert.throws(() => canonicalRepository("app", { ...nowhere, namespace }), { code: "NAME_INVALID" });
  });
}

test("a canonical name is parted into registry and repository", () => {
  assert.deepEqual(splitRepository("docker.io/library/httpd"), { registry: "docker.io", repository: "library/httpd" });
});
