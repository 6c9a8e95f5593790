import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  type CreateProjectCommandInput,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startServer } from "../../bench/start-server.ts";
import { repository, temporaryDirectory } from "./run-chubo.ts";

/** A running `chubo up`, and builds of projects in it. */
export interface UpBuilds {
  /** Without source and artifacts, and with a role that may do everything. */
  makeProject(name: string, image: string, more?: Pick<CreateProjectCommandInput, "cache">): Promise<void>;
  makeBucket(name: string): Promise<void>;
  /** Runs a build of that buildspec, and returns it with its log. */
  build(projectName: string, buildspec: string): Promise<{ build: Build; log: string }>;
}

/** Builds run in containers of a Docker engine; images are the simulated Docker Hub's. */
export async function openUpBuilds(t: TestContext, words: readonly string[] = []): Promise<UpBuilds> {
  const place = ["--state", join(temporaryDirectory(t), "state"), "--hub", "simulated", ...words];
  const program = join(repository, "bin", "chubo.js");
  const server = await startServer(program, ["--environment", "container", "--engine", "docker", ...place]);
  t.after(server.stop);
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = server.credentials;
  const options = { endpoint: server.url, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } };
  const codeBuild = new CodeBuildClient(options);
  const serviceRole = await makeRole(new IAMClient(options));
  const logs = new CloudWatchLogsClient(options);
  return {
    async makeProject(name, image, more) {
      const environment = { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", image } as const;
      // Each build brings its own.
      const buildspec = JSON.stringify({ version: 0.2, phases: { build: { commands: ["false"] } } });
      const nothing = { source: { type: "NO_SOURCE", buildspec }, artifacts: { type: "NO_ARTIFACTS" } } as const;
      await codeBuild.send(new CreateProjectCommand({ name, ...nothing, environment, serviceRole, ...more }));
    },
    async makeBucket(Bucket) {
      await new S3Client({ ...options, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
    },
    async build(projectName, buildspecOverride) {
      const started = await codeBuild.send(new StartBuildCommand({ projectName, buildspecOverride }));
      const build = await endOf(codeBuild, started.build?.id ?? "");
      const { groupName: logGroupName, streamName: logStreamName } = build.logs ?? {};
      const told = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }));
      return { build, log: (told.events ?? []).map(({ message }) => message).join("") };
    },
  };
}

async function makeRole(iam: IAMClient): Promise<string | undefined> {
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const Principal = { Service: "codebuild.amazonaws.com" };
  const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "build", AssumeRolePolicyDocument: trust }));
  const policy = document({ Effect: "Allow", Action: "*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: "build", PolicyName: "all", PolicyDocument: policy }));
  return Role?.Arn;
}

async function endOf(codeBuild: CodeBuildClient, id: string): Promise<Build> {
  for (;;) {
    const { builds } = await codeBuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    const [found] = builds ?? [];
    if (found !== undefined && found.buildStatus !== "IN_PROGRESS") return found;
    await delay(50);
  }
}
