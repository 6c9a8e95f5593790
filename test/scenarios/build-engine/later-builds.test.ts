// Several builds of one `chubo up`, whose image stays in the engine between them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { startServer } from "../../../bench/start-server.ts";
import { repository, temporaryDirectory } from "../run-chubo.ts";
import { skip } from "./plain-container.ts";

const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - test ! -e /left && touch /left\n";

/** A role that may do everything, and a project with that image. */
async function makeProject(options: object, codeBuild: CodeBuildClient): Promise<void> {
  const iam = new IAMClient(options);
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const Principal = { Service: "codebuild.amazonaws.com" };
  const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "build", AssumeRolePolicyDocument: trust }));
  const policy = document({ Effect: "Allow", Action: "*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: "build", PolicyName: "all", PolicyDocument: policy }));
  await codeBuild.send(
    new CreateProjectCommand({
      name: "later",
      source: { type: "NO_SOURCE", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", image: "busybox:latest" },
      serviceRole: Role?.Arn,
    }),
  );
}

async function build(codeBuild: CodeBuildClient): Promise<Build> {
  const started = await codeBuild.send(new StartBuildCommand({ projectName: "later" }));
  for (;;) {
    const { builds } = await codeBuild.send(new BatchGetBuildsCommand({ ids: [started.build?.id ?? ""] }));
    const [found] = builds ?? [];
    if (found !== undefined && found.buildStatus !== "IN_PROGRESS") return found;
    await delay(50);
  }
}

test("a later build of a process finds a fresh container, and its image costs no second pull", {
  skip,
  timeout: 60_000,
}, async (t) => {
  const place = ["--state", join(temporaryDirectory(t), "state"), "--hub", "simulated", "--hub-remaining", "1"];
  const words = ["--environment", "container", "--engine", "docker", ...place];
  const server = await startServer(join(repository, "bin", "chubo.js"), words);
  t.after(server.stop);
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = server.credentials;
  const options = { endpoint: server.url, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } };
  const codeBuild = new CodeBuildClient(options);
  await makeProject(options, codeBuild);
  const builds = [await build(codeBuild), ...(await Promise.all([1, 2].map(() => build(codeBuild))))];
  const statuses = builds.map(({ buildStatus, phases }) => [buildStatus, phases?.flatMap(({ contexts }) => contexts)]);
  for (const [status, contexts] of statuses) assert.equal(status, "SUCCEEDED", JSON.stringify(contexts));
});
