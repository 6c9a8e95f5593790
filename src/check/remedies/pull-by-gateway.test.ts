import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryOf } from "../../../test/fixtures/check-repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { applyRemedy } from "./apply-remedy.ts";
import { parseGatewayAddress } from "./gateway-address.ts";
import { pullByGateway } from "./pull-by-gateway.ts";

const place = "10.0.0.5:5000";

function mend(repository: ReadRepository, address = place) {
  const remedy = pullByGateway(repository, parseGatewayAddress(address));
  const { edited, left } = applyRemedy(repository, remedy);
  return { texts: Object.fromEntries(edited.map(({ file, text }) => [file.path, text])), left, notes: remedy.notes };
}

test("builds and scripts name the gateway and Docker Hub behind it, for any image, and all else stays as it is", (t) => {
  const files = {
    Dockerfile:
      "# syntax=docker/dockerfile:1\r\nARG BASE=python:3.12-slim # ours\r\nFROM $BASE\r\nCOPY --from=docker.io/library/nginx:1 /a /b\r\n",
    "build.sh": 'docker pull "grafana/grafana:11" # kept\ndocker run --rm ghcr.io/a/b:1\n',
  };
  const { texts, left } = mend(repositoryOf(t, files));
  assert.deepEqual(left, []);
  assert.deepEqual(texts, {
    Dockerfile: files.Dockerfile.replace("docker/dockerfile:1", `${place}/docker.io/docker/dockerfile:1`)
      .replace("python:", `${place}/docker.io/library/python:`)
      .replace("docker.io/library/nginx", `${place}/docker.io/library/nginx`),
    "build.sh": files["build.sh"].replace("grafana/", `${place}/docker.io/grafana/`),
  });
  assert.deepEqual(mend(repositoryOf(t, texts)), { texts: {}, left: [], notes: undefined });
});

test("a repository that is constant moves whatever its tag is", (t) => {
  const text = "ARG TAG\nFROM grafana/grafana:$TAG\n";
  const { texts } = mend(repositoryOf(t, { Dockerfile: text }));
  assert.deepEqual(texts, { Dockerfile: text.replace("grafana/grafana", `${place}/docker.io/grafana/grafana`) });
});

test("what others pull is left with what docs/gateway.md gives their clients", (t) => {
  const files = {
    "compose.yml": "services:\n  cache:\n    image: redis:7\n",
    "pod.yml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: nginx:1\n",
    ".github/workflows/ci.yml": "jobs:\n  a:\n    runs-on: self-hosted\n    container: node:24\n    steps: []\n",
  };
  const { texts, left } = mend(repositoryOf(t, files));
  assert.deepEqual(texts, {});
  const document = readFileSync(join(import.meta.dirname, "../../../docs/gateway.md"), "utf8");
  for (const { file, snippet = "" } of left) {
    const [name = "", ...lines] = snippet.replaceAll(place, "127.0.0.1:5000").split("\n");
    assert.equal(name.includes("containerd"), file.path === "pod.yml");
    assert.ok(document.includes(` ${name}\n${lines.join("\n")}\n\`\`\`\n`), snippet);
  }
  assert.equal(left.length, 3);
});

test("an address that docker trusts needs no note; one of plain HTTP elsewhere does", (t) => {
  const notesFor = (address: string) => mend(repositoryOf(t, { Dockerfile: "FROM redis:7\n" }), address).notes;
  assert.deepEqual(
    ["127.0.0.1:5000", "localhost:5000", "https://gateway.example"].map(notesFor),
    Array(3).fill(undefined),
  );
  assert.match(notesFor(place)?.[0] ?? "", /"insecure-registries": \["10\.0\.0\.5:5000"\]/);
});

test("what could be no registry in a reference is a usage error", () => {
  for (const text of ["gateway", "10.0.0.5:5000/docker.io", "user@host:1", "ftp://a.b", "", "a.b:x"]) {
    assert.throws(() => parseGatewayAddress(text), { code: "CHECK_GATEWAY" }, text);
  }
  assert.equal(parseGatewayAddress("https://gateway.example/").host, "gateway.example");
});
