import assert from "node:assert/strict";
import { test } from "node:test";
import { repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import { groupEdits } from "./edit-groups.ts";
import { logIn } from "./log-in.ts";
import { useEcrPublic } from "./use-ecr-public.ts";

test("each image is a question by itself, by path and place; a chart's registry and repository are one", (t) => {
  const files = {
    "chart/values.yaml": "image:\n  registry: docker.io\n  repository: library/redis\n  tag: '7.4'\n",
    Dockerfile: "FROM httpd\nCOPY --from=nginx /a /b\n",
  };
  const groups = groupEdits(useEcrPublic(repositoryOf(t, files)));
  const places = groups.map((group) => group.map(({ file, edit }) => `${file.path}:${edit.range.start}`));
  assert.deepEqual(places, [["Dockerfile:5"], ["Dockerfile:23"], ["chart/values.yaml:19", "chart/values.yaml:43"]]);
});

/** A template and its buildspec, in a folder of their own. */
function projectIn(folder: string): Record<string, string> {
  const inline = templateOf(["docker pull httpd:2.4"]);
  const template = inline.replace(/ {8}BuildSpec: \|\n.*$/s, `        BuildSpec: ${folder}/buildspec.yml\n`);
  const commands = "phases:\n  build:\n    commands:\n      - docker pull httpd:2.4\n";
  return { [`${folder}/template.yml`]: template, [`${folder}/buildspec.yml`]: `version: 0.2\n${commands}` };
}

test("secret, permission, variables and command of a login are one question, those of another project another", (t) => {
  const groups = groupEdits(logIn(repositoryOf(t, { ...projectIn("a"), ...projectIn("b") })));
  const files = groups.map((group) => [...new Set(group.map(({ file }) => file.path))]);
  assert.deepEqual(files, [
    ["a/buildspec.yml", "a/template.yml"],
    ["b/buildspec.yml", "b/template.yml"],
  ]);
});

test("two projects that share the secret, or the buildspec, are one question", (t) => {
  const one = templateOf(["docker pull httpd:2.4"]);
  const second = one.slice(one.indexOf("  Build:")).replace("  Build:", "  Second:");
  assert.equal(groupEdits(logIn(repositoryOf(t, { "template.yml": one + second }))).length, 1);
  const files = projectIn("a");
  const shared = { ...files, "b.yml": files["a/template.yml"] ?? "" };
  assert.equal(groupEdits(logIn(repositoryOf(t, shared), { secretName: "hub" })).length, 1);
});

test("edits at no image, which the images may need, make one question of all", (t) => {
  const { edits, left } = useEcrPublic(repositoryOf(t, { Dockerfile: "FROM httpd\n", "b.Dockerfile": "FROM nginx\n" }));
  const [first, ...rest] = edits;
  assert.ok(first !== undefined && rest.length === 1);
  const rule = { range: { start: 0, end: 0 }, text: "# rule\n" };
  const remedy = { edits: [{ ...first, edits: [rule, ...first.edits] }, ...rest], left };
  assert.deepEqual(
    groupEdits(remedy).map(({ length }) => length),
    [3],
  );
});
