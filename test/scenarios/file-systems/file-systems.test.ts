// fileSystemLocations of a project: a directory of this machine stands in for the file system of EFS.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeOneProject } from "../one-project.ts";
import { type Outcome, runChubo, temporaryDirectory } from "../run-chubo.ts";

const host = "fs-12345678.efs.us-east-1.amazonaws.com";

interface FileSystemProject {
  directory: string;
  build(words?: string[]): Promise<Outcome>;
}

function projectWith(t: TestContext, commands: string[], { image, options }: { image?: string; options?: string }) {
  const directory = temporaryDirectory(t);
  const template = writeOneProject(directory, { commands, ...(image !== undefined && { image }) });
  const text = JSON.parse(readFileSync(template, "utf8"));
  text.Resources.Project.Properties.FileSystemLocations = [
    { Type: "EFS", Identifier: "my_efs", Location: `${host}:/shared`, MountPoint: "/mnt/efs", MountOptions: options },
  ];
  writeFileSync(template, JSON.stringify(text));
  const build = (words: string[] = []) => runChubo(["build", template, ...words], { directory });
  return { directory, build } satisfies FileSystemProject;
}

test("on the host builds share a directory of the state directory, which the variable names", async (t) => {
  const { directory, build } = projectWith(t, ["echo x >>$CODEBUILD_MY_EFS/a.txt; wc -l <$CODEBUILD_MY_EFS/a.txt"], {});
  for (const lines of ["1", "2"]) {
    const { stdout, status } = await build();
    assert.equal(status, 0, stdout);
    assert.match(stdout, new RegExp(`^ *${lines}$`, "m"));
    assert.match(stdout, /\$CODEBUILD_MY_EFS is .*, and nothing is at \/mnt\/efs/);
  }
  const file = join(directory, ".chubo", "file-systems", host, "shared", "a.txt");
  assert.equal(readFileSync(file, "utf8"), "x\nx\n");
});

test("chubo.yml names the directory; one that is not there fails PROVISIONING", async (t) => {
  const { directory, build } = projectWith(t, ["cat $CODEBUILD_MY_EFS/a.txt"], {});
  writeFileSync(join(directory, "chubo.yml"), "file-systems:\n  fs-12345678: efs\n");
  const refused = await build();
  assert.equal(refused.status, 1);
  assert.match(
    refused.stdout,
    /✗ FAILED in PROVISIONING: CLIENT_ERROR: The file system my_efs cannot be mounted: .*efs, which/,
  );
  mkdirSync(join(directory, "efs", "shared"), { recursive: true });
  writeFileSync(join(directory, "efs", "shared", "a.txt"), "of the directory\n");
  const outcome = await build();
  assert.equal(outcome.status, 0, outcome.stdout);
  assert.match(outcome.stdout, /^of the directory$/m);
});

test("in a container the file system is at its mount point, read-only where the options say so", async (t) => {
  const commands = ['test "$CODEBUILD_MY_EFS" = /mnt/efs', "echo x >/mnt/efs/a.txt"];
  const words = ["--environment", "container", "--hub", "simulated", "--engine", "docker"];
  const written = projectWith(t, commands, { image: "busybox:latest" });
  const outcome = await written.build(words);
  assert.equal(outcome.status, 0, outcome.stdout);
  const path = [".chubo", "file-systems", host, "shared", "a.txt"];
  assert.equal(readFileSync(join(written.directory, ...path), "utf8"), "x\n");
  const kept = projectWith(t, commands, { image: "busybox:latest", options: "nfsvers=4.1,ro" });
  const refused = await kept.build(words);
  assert.equal(refused.status, 1);
  assert.match(refused.stdout, /Read-only file system/);
  assert.ok(!existsSync(join(kept.directory, ...path)));
});
