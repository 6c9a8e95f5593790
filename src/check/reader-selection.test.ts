import assert from "node:assert/strict";
import { test } from "node:test";
import { selectReaders } from "./reader-selection.ts";
import { codeReaders, fileReaders } from "./readers.ts";

/** Each holds what several readers look for in a text. */
const texts = [
  "FROM nginx\n",
  "#!/bin/sh\ndocker pull nginx\n",
  'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  A: { Type: AWS::ECS::TaskDefinition }\n',
  '{ "Resources": { "A": { "Type": "AWS::ECS::Service" } } }',
  "version: 0.2\nphases:\n  build: {}\n",
  '{ "version": 0.2, "phases": {} }',
  "apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: nginx }] }\n",
  '{\n"apiVersion": "v1",\n"kind": "Pod", "image": "nginx" }',
  "services:\n  web:\n    image: nginx\n",
  "apiVersion: skaffold/v4beta1\nimages: []\nruns: 1\nimage: {{ x }}\nrepository: x\n",
  'target "a" { }\n',
  '[{ "image": "nginx", "essential": true }]',
  '{ "containerDefinitions": [], "dockerImages": {}, "target": {} }',
  "containerDefinitions: []\n",
  "import org.testcontainers; DockerImageName; LinuxBuildImage.fromDockerRegistry(a)\n",
];
const names = [
  ...[
    "Dockerfile",
    "a.Dockerfile",
    "Dockerfile.md",
    "Containerfile",
    "Makefile",
    "Makefile.css",
    "justfile",
    "Tiltfile",
  ],
  ...["Jenkinsfile", "Jenkinsfile.java", "Earthfile", "taskfile", "Taskfile", "buildspec", "Kustomization", "run"],
  ...["docker-compose", "compose.prod", "docker-bake", "values", "skaffold", "kustomization", "package", "action"],
  ...["devcontainer", ".devcontainer", ".testcontainers", "testcontainers", "azure-pipelines", "bitbucket-pipelines"],
  ...[
    ".gitlab-ci",
    "imagedefinitions",
    "x.assets",
    "buildspec",
    "template",
    "a.yaml",
    "a.json",
    "x",
    ".github/workflows/a",
  ],
  ...[".circleci/config", "templates/a"],
];
const extensions = [
  ...[
    "",
    ".yml",
    ".yaml",
    ".YAML",
    ".json",
    ".JSON",
    ".hcl",
    ".tpl",
    ".template",
    ".j2",
    ".in",
    ".dist",
    ".sh",
    ".bash",
  ],
  ...[
    ".mk",
    ".mak",
    ".just",
    ".earth",
    ".tiltfile",
    ".jenkinsfile",
    ".properties",
    ".cfn",
    ".ts",
    ".jsx",
    ".mjs",
    ".py",
  ],
  ...[
    ".java",
    ".kt",
    ".kts",
    ".cs",
    ".fs",
    ".go",
    ".groovy",
    ".scala",
    ".rs",
    ".c",
    ".txt",
    ".unknown",
    ".tf",
    ".dockerfile",
  ],
];

test("what a name rules out, its reader is never for", () => {
  const missed: string[] = [];
  for (const path of names.flatMap((name) => extensions.map((extension) => name + extension))) {
    const selection = selectReaders(path);
    for (const text of texts) {
      const file = { path, text };
      const first = fileReaders.find((reader) => reader.isFor(file));
      if (selection.file.find((reader) => reader.isFor(file)) !== first) missed.push(`${path}: ${first?.kind}`);
      const code = codeReaders.filter((reader) => reader.isFor(file));
      if (selection.code.filter((reader) => reader.isFor(file)).length !== code.length) missed.push(`${path}: code`);
      const isRead = first !== undefined || code.length > 0;
      if (isRead && selection.words?.some((word) => text.includes(word)) === false) missed.push(`${path}: words`);
    }
  }
  assert.deepEqual([...new Set(missed)], []);
});

test("a picture and a page are not opened, unless their names say Dockerfile", () => {
  for (const path of ["a/b.png", "README.md", "x.Css"]) assert.equal(selectReaders(path).file.length, 0, path);
  assert.equal(selectReaders("Dockerfile.md").file.length, fileReaders.length);
});
