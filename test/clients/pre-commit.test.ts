// The hook of .pre-commit-hooks.yaml, as pre-commit installs and runs it in somebody's repository.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeRepository } from "../fixtures/check-repository.ts";
import { lacking, runProgram } from "../fixtures/chubo-gateway.ts";
import { commitAll, copyRepository } from "../fixtures/repository-copy.ts";

test("pre-commit installs the hook, which fails at an anonymous pull and passes without one", {
  skip: lacking("pre-commit"),
}, async (t) => {
  const hooks = copyRepository(t);
  const revision = commitAll(hooks);
  const files = {
    Dockerfile: "FROM httpd:2.4\n",
    "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build .\n",
    ".pre-commit-config.yaml": `repos:\n  - repo: ${hooks}\n    rev: ${revision}\n    hooks:\n      - id: chubo-check\n`,
  };
  const scratch = writeRepository(t, files);
  commitAll(scratch);
  const home = writeRepository(t, {});
  // pre-commit passes over a Node below the home directory, as npm's here may be, and downloads one.
  const path = process.env.PATH?.split(":").filter((directory) => !directory.endsWith("node_modules/.bin"));
  const env = { ...process.env, PATH: path?.join(":"), PRE_COMMIT_HOME: home, npm_config_update_notifier: "false" };
  const run = () => runProgram("pre-commit", ["run", "--all-files"], { env, cwd: scratch });
  const refused = await run();
  assert.equal(refused.code, 1, refused.stdout + refused.stderr);
  assert.match(refused.stdout, /^Dockerfile:1:6 error CHUBO001$/m);
  writeFileSync(join(scratch, "Dockerfile"), "FROM public.ecr.aws/docker/library/httpd:2.4\n");
  const passed = await run();
  assert.equal(passed.code, 0, passed.stdout + passed.stderr);
  assert.match(passed.stdout, /^chubo check\.+Passed$/m);
});
