import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { rules } from "../rules/rules.ts";
import { applyRemedy } from "./apply-remedy.ts";
import { parseGatewayAddress } from "./gateway-address.ts";
import { mirrorByGateway, mirrorCommand } from "./mirror-by-gateway.ts";

const address = parseGatewayAddress("10.0.0.5:5000");

function mend(repository: ReadRepository) {
  const { edited, left } = applyRemedy(repository, mirrorByGateway(repository, address));
  return { texts: Object.fromEntries(edited.map(({ file, text }) => [file.path, text])), left };
}

function codesOf(repository: ReadRepository): string[] {
  return rules.flatMap((rule) => rule.find(repository)).map(({ code }) => code);
}

test("a privileged build gives its docker the mirror first, in template and buildspec, and nothing is found any more", (t) => {
  const places: Record<string, string>[] = [
    { "template.yml": templateOf(["docker build ."]) },
    { "buildspec.yml": buildspecOf("docker build .") },
    { "buildspec.yml": buildspecOf("docker build .").replaceAll("\n", "\r\n") },
  ];
  for (const place of places) {
    const files = { ...place, Dockerfile: "FROM httpd:2.4\n" };
    assert.deepEqual(codesOf(repositoryOf(t, files)), ["CHUBO001"]);
    const { texts, left } = mend(repositoryOf(t, files));
    assert.deepEqual(left, []);
    assert.deepEqual(Object.keys(texts), Object.keys(place));
    const repository = repositoryOf(t, { ...files, ...texts });
    assert.deepEqual(codesOf(repository), []);
    assert.deepEqual(mend(repository), { texts: {}, left: [] });
  }
});

test("the command comes before those of pre_build, and YAML gives it back whole", (t) => {
  const text =
    "version: 0.2\nphases:\n  pre_build:\n    commands:\n    - echo first # kept\n  build:\n    commands:\n    - docker pull httpd:2.4\n";
  const { texts } = mend(repositoryOf(t, { "buildspec.yml": text }));
  const { phases } = parse(texts["buildspec.yml"] ?? "");
  assert.deepEqual(phases.pre_build.commands, [`${mirrorCommand(address)}\n`, "echo first"]);
  const added = mirrorCommand(address).split("\n").length + 1;
  const lines = (texts["buildspec.yml"] ?? "").split("\n");
  assert.deepEqual([...lines.slice(0, 4), ...lines.slice(4 + added)].join("\n"), text);
});

test("a login to Docker Hub that docker would show to a mirror by plain HTTP is told of", (t) => {
  const login = 'echo "$PASS" | docker login --username alice --password-stdin';
  const repository = repositoryOf(t, { "buildspec.yml": buildspecOf(login, "docker pull httpd:2.4") });
  assert.match(mirrorByGateway(repository, address).notes?.[0] ?? "", /sends the login/);
  const secure = parseGatewayAddress("https://gateway.example");
  assert.deepEqual(mirrorByGateway(repository, secure).notes, []);
});

test("a build by podman, and one without privilege, are told what their client takes", (t) => {
  const environment = "        Image: aws/codebuild/standard:7.0\n        PrivilegedMode: false";
  const document = readFileSync(join(import.meta.dirname, "../../../docs/gateway.md"), "utf8");
  for (const files of [
    { "buildspec.yml": buildspecOf("podman pull httpd:2.4") },
    { "template.yml": templateOf(["docker pull httpd:2.4"], { environment }) },
  ]) {
    const { texts, left } = mend(repositoryOf(t, files));
    assert.deepEqual(texts, {});
    const [name = "", ...lines] = (left[0]?.snippet ?? "").replaceAll(address.host, "127.0.0.1:5000").split("\n");
    assert.ok(document.includes(` ${name}\n${lines.join("\n")}\n`), name);
    assert.equal(left.length, 1);
  }
});

test("GitHub's builds are told a step with BuildKit's mirror, after which nothing of theirs is found", (t) => {
  const steps = "      # HERE\n      - uses: docker/build-push-action@v6\n        with: { context: . }\n";
  const workflow = `jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  const files = { ".github/workflows/ci.yml": workflow, Dockerfile: "FROM httpd:2.4\n" };
  const { texts, left } = mend(repositoryOf(t, files));
  assert.deepEqual(texts, {});
  const snippet = left.find(({ file }) => file.path.endsWith("ci.yml"))?.snippet ?? "";
  const mended = workflow.replace("      # HERE", snippet.replaceAll(/^/gm, "      "));
  assert.deepEqual(codesOf(repositoryOf(t, { ...files, ".github/workflows/ci.yml": mended })), [], mended);
});

test("a mirror holds for its own client, from where it stands, and a public one of some images for none", (t) => {
  const mirror = (client: string) => `echo '{"registry-mirrors":["https://${client}"]}' > /etc/docker/daemon.json`;
  const codes = (...commands: string[]) => codesOf(repositoryOf(t, { "buildspec.yml": buildspecOf(...commands) }));
  assert.deepEqual(codes(mirror("m.example"), "docker pull httpd:2.4"), []);
  assert.deepEqual(codes(mirror("m.example"), "podman pull httpd:2.4"), ["CHUBO001"]);
  assert.deepEqual(codes("docker pull httpd:2.4", mirror("m.example")), ["CHUBO001"]);
  assert.deepEqual(codes(mirror("mirror.gcr.io"), "docker pull httpd:2.4"), ["CHUBO001"]);
});
