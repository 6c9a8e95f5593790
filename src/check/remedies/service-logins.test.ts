import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { repositoryOf } from "../../../test/fixtures/check-repository.ts";
import { rules } from "../rules/rules.ts";
import { logIn } from "./log-in.ts";

/** A CI's file that pulls anonymously, and where a person puts what is told: at `JOB` or `IMAGE`, indented as that is. */
interface Case {
  path: string;
  text: string;
  /** The image is written otherwise with credentials. */
  replaces?: string;
}

const jobs: Case[] = [
  {
    path: ".github/workflows/ci.yml",
    text: "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      # JOB\n      - run: docker pull httpd:2.4\n",
  },
  { path: ".gitlab-ci.yml", text: "build:\n  # JOB\n  script:\n    - docker pull httpd:2.4\n" },
  {
    path: ".circleci/config.yml",
    text: "version: 2.1\njobs:\n  a:\n    machine:\n      image: ubuntu-2404:current\n    steps:\n      # JOB\n      - run: docker pull httpd:2.4\n",
  },
  {
    path: "bitbucket-pipelines.yml",
    text: "pipelines:\n  default:\n    - step:\n        script:\n          # JOB\n          - docker pull httpd:2.4\n",
  },
  {
    path: "azure-pipelines.yml",
    text: "pool:\n  vmImage: ubuntu-latest\nsteps:\n  # JOB\n  - script: docker pull httpd:2.4\n",
  },
  {
    path: "Jenkinsfile",
    text: "node {\n    // JOB\n    sh 'docker pull httpd:2.4'\n}\n",
  },
];

const runners: Case[] = [
  {
    path: ".github/workflows/ci.yml",
    text: "jobs:\n  a:\n    runs-on: ubuntu-latest\n    container:\n      image: node:24\n      # IMAGE\n    steps:\n      - run: npm test\n",
  },
  {
    path: ".circleci/config.yml",
    text: "version: 2.1\njobs:\n  a:\n    docker:\n      - image: node:24\n        # IMAGE\n    steps:\n      - run: npm test\n",
  },
  {
    path: "bitbucket-pipelines.yml",
    text: "image: node:24\npipelines:\n  default:\n    - step:\n        script:\n          - npm test\n",
    replaces: "image: node:24",
  },
  {
    path: "azure-pipelines.yml",
    text: "pool:\n  vmImage: ubuntu-latest\ncontainer: node:24\nsteps:\n  - script: npm test\n",
    replaces: "container: node:24",
  },
  {
    path: "Jenkinsfile",
    text: "pipeline {\n  agent {\n    docker {\n      image 'node:24'\n      // IMAGE\n    }\n  }\n  stages {\n    stage('a') { steps { sh 'npm test' } }\n  }\n}\n",
  },
];

/** The codes of what is told of logins; how its tag is written is another matter. */
function codesOf(t: TestContext, path: string, text: string): string[] {
  const repository = repositoryOf(t, { [path]: text });
  return rules.flatMap((rule) => rule.find(repository)).flatMap(({ code }) => (code === "CHUBO011" ? [] : [code]));
}

function adviceFor(t: TestContext, path: string, text: string) {
  const { edits, left } = logIn(repositoryOf(t, { [path]: text }));
  assert.deepEqual(edits, []);
  const [one, ...others] = left;
  assert.ok(one?.snippet !== undefined && others.length === 0, `one place to mend in ${path}`);
  return { message: one.message, snippet: one.snippet };
}

/** As somebody does who follows it. */
function insert({ text, replaces }: Case, snippet: string): string {
  if (replaces !== undefined) {
    const [key = ""] = replaces.split(":");
    const below = snippet.replace("IMAGE", "node:24").replaceAll(/^/gm, "  ");
    return text.replace(replaces, () => `${key}:\n${below}`);
  }
  const [, indentation = ""] = /^( *)(?:#|\/\/) (?:JOB|IMAGE)$/m.exec(text) ?? [];
  return text.replace(/^ *(?:#|\/\/) (?:JOB|IMAGE)$/m, () => snippet.replaceAll(/^/gm, indentation));
}

for (const one of jobs) {
  test(`the login told for a job of ${one.path} makes its pulls those of an account, with no password in sight`, (t) => {
    assert.deepEqual(codesOf(t, one.path, one.text), ["CHUBO017"]);
    const { snippet } = adviceFor(t, one.path, one.text);
    const mended = insert(one, snippet);
    assert.deepEqual(codesOf(t, one.path, mended), [], mended);
    const { jobs: read } = repositoryOf(t, { [one.path]: mended });
    const logins = read.flatMap(({ steps }) => steps.flatMap(({ step }) => (step.kind === "login" ? [step] : [])));
    assert.deepEqual(
      logins.map(({ host, password }) => [host, password === "argument"]),
      [[undefined, false]],
    );
  });
}

for (const one of runners) {
  test(`the credentials told for an image that the runner of ${one.path} pulls are found there`, (t) => {
    assert.deepEqual(codesOf(t, one.path, one.text), ["CHUBO017"]);
    const { snippet } = adviceFor(t, one.path, one.text);
    const mended = insert(one, snippet);
    assert.deepEqual(codesOf(t, one.path, mended), [], mended);
  });
}

test("GitLab's runner takes its login from a variable of the project, under the key that Docker looks for", (t) => {
  const { message, snippet } = adviceFor(t, ".gitlab-ci.yml", "test:\n  image: node:24\n  script: [npm test]\n");
  assert.match(message, /DOCKER_AUTH_CONFIG/);
  assert.deepEqual(Object.keys(JSON.parse(snippet).auths), ["https://index.docker.io/v1/"]);
});

test("a script that nobody is seen to run is told the command", (t) => {
  const { message, snippet } = adviceFor(t, "build.sh", "docker pull httpd:2.4\n");
  assert.match(message, /^build\.sh: it pulls anonymously; run this before its first pull/);
  assert.match(snippet, /--password-stdin$/);
});
