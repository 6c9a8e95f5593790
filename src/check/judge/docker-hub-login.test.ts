import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LoginStep } from "../build-job.ts";
import { isDeafDockerHubLogin, isDockerHubLogin, isUnknownLogin } from "./docker-hub-login.ts";

/** `serves`: a pull from Docker Hub uses it. `deaf`: meant for it, and not used. `other`: another registry's. */
function verdictOf(host: string | undefined, change: Partial<LoginStep> = {}): "serves" | "deaf" | "other" {
  const login: LoginStep = {
    kind: "login",
    range: { start: 0, end: 0 },
    host,
    userName: "alice",
    password: "stdin",
    ...change,
  };
  assert.ok(!(isDockerHubLogin(login) && isDeafDockerHubLogin(login)), "a login is not both");
  return isDockerHubLogin(login) ? "serves" : isDeafDockerHubLogin(login) ? "deaf" : "other";
}

describe("docker login", () => {
  for (const host of [undefined, "docker.io", "https://index.docker.io/v1/"]) {
    test(`serves Docker Hub with host ${host}`, () => assert.equal(verdictOf(host), "serves"));
  }
  for (const host of [
    "index.docker.io",
    "https://index.docker.io/v1",
    "index.docker.io/v1/",
    "https://docker.io",
    "docker.io/alice",
    "registry-1.docker.io",
    "registry-1.docker.io:443",
    "https://registry-1.docker.io/v2/",
    "registry.hub.docker.com",
    "hub.docker.com",
  ]) {
    test(`does not serve Docker Hub with host ${host}`, () => assert.equal(verdictOf(host), "deaf"));
  }
  for (const host of ["ghcr.io", "123456789012.dkr.ecr.us-east-1.amazonaws.com", "docker.io.example", "$REGISTRY"]) {
    test(`is for another registry with host ${host}`, () => assert.equal(verdictOf(host), "other"));
  }
});

test("a key in the client's file is taken literally, for a login and for a helper", () => {
  for (const password of ["config", "helper"] as const) {
    assert.equal(verdictOf("docker.io", { password }), "deaf");
    assert.equal(verdictOf("index.docker.io", { password }), "deaf");
    assert.equal(verdictOf("https://index.docker.io/v1/", { password }), "serves");
  }
});

test("podman knows Docker Hub by each of its registry's hosts, and by no others", () => {
  for (const host of ["docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/"]) {
    assert.equal(verdictOf(host, { normalizesHost: true }), "serves");
  }
  assert.equal(verdictOf("hub.docker.com", { normalizesHost: true }), "deaf");
});

test("a whole file out of a variable may hold any login", () => {
  const login = { kind: "login", range: { start: 0, end: 0 }, userName: undefined, password: "config" } as const;
  assert.ok(isUnknownLogin({ ...login, host: "$DOCKER_AUTH_CONFIG" }));
  assert.ok(!isUnknownLogin({ ...login, host: "ghcr.io" }));
  assert.ok(!isUnknownLogin({ ...login, host: "$REGISTRY", password: "stdin" }));
});
