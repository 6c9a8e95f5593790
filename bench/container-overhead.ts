// What a build in a container takes beside `docker run` of the same commands on a daemon that runs already and has the image:
// the first build of a process (`chubo build`, which starts an engine and pulls), and a later one (`chubo up`, which has
// both). All in turn. `node bench/container-overhead.ts [--repetitions N]`; needs root and dockerd.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { startBuildEngine } from "../src/containers/start-build-engine.ts";
import { alternate, readRepetitions, type Subject } from "./alternate.ts";
import { runProgram } from "./run-program.ts";
import { type Server, startServer } from "./start-server.ts";

const chubo = join(import.meta.dirname, "..", "bin", "chubo.js");
const image = "busybox:latest";
const commands = ["echo one", "echo two > file", "cat file"];
const buildspec = `version: 0.2\nphases:\n  build:\n    commands:\n${commands.map((command) => `      - ${command}\n`).join("")}`;
const kinds = ["--environment", "container", "--engine", "docker", "--hub", "simulated"];
const path = process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin";
/** Milliseconds over `docker run`. */
const goal = 300;

const repetitions = readRepetitions(process.argv.slice(2), 10);
const directory = mkdtempSync(join(tmpdir(), "cbo-"));
try {
  const server = await startServer(chubo, [...kinds, "--state", join(directory, "up")]);
  try {
    await compare(server);
  } finally {
    await server.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(server: Server): Promise<void> {
  const engineDirectory = join(directory, "e");
  mkdirSync(engineDirectory, { mode: 0o700 });
  const place = { directory: engineDirectory, proxyUrl: server.url, caBundle: server.bundleFile, path };
  const engine = await startBuildEngine({ engine: "docker", ...place });
  try {
    const environment = { ...engine.environment, PATH: `${engine.binDirectory}:${path}`, HOME: directory };
    await runProgram(["docker", "pull", image], { directory, environment });
    const docker =
      (...options: string[]) =>
      async () => {
        const words = ["docker", "run", "--rm", ...options, image, "sh", "-ec", commands.join("\n")];
        const { startedAt, endedAt } = await runProgram(words, { directory, environment });
        return { whole: endedAt - startedAt };
      };
    const subjects = { docker: docker(), "host network": docker("--network", "host") };
    const builds = { first: measureFirst(), later: await measureLater(server) };
    print(await alternate({ ...subjects, ...builds }, repetitions));
  } finally {
    await engine.stop();
  }
}

function measureFirst(): Subject {
  const source = join(directory, "source");
  mkdirSync(source);
  writeFileSync(join(source, "buildspec.yml"), buildspec);
  const words = [process.execPath, chubo, "build", ...kinds, "--image", image, "--json"];
  return async () => {
    const { startedAt, endedAt } = await runProgram(words, { directory: source, environment: process.env });
    return { whole: endedAt - startedAt };
  };
}

/** From StartBuild to the record of a build that has ended, asked for each 5 ms. */
async function measureLater({ url, credentials }: Server): Promise<Subject> {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = credentials;
  const options = { endpoint: url, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } };
  const client = new CodeBuildClient(options);
  await makeProject(client, new IAMClient(options));
  return async () => {
    const startedAt = performance.now();
    const { build } = await client.send(new StartBuildCommand({ projectName: "bench" }));
    for (;;) {
      const { builds } = await client.send(new BatchGetBuildsCommand({ ids: [build?.id ?? ""] }));
      const status = builds?.[0]?.buildStatus;
      if (status === "SUCCEEDED") return { whole: performance.now() - startedAt };
      if (status !== "IN_PROGRESS") throw new Error(JSON.stringify(builds?.[0]?.phases));
      await delay(5);
    }
  };
}

async function makeProject(codeBuild: CodeBuildClient, iam: IAMClient): Promise<void> {
  const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const trust = document({
    Effect: "Allow",
    Principal: { Service: "codebuild.amazonaws.com" },
    Action: "sts:AssumeRole",
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: trust }));
  const policy = document({ Effect: "Allow", Action: "*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: "bench", PolicyName: "all", PolicyDocument: policy }));
  await codeBuild.send(
    new CreateProjectCommand({
      name: "bench",
      source: { type: "NO_SOURCE", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", image },
      serviceRole: Role?.Arn,
    }),
  );
}

function print(medians: Record<string, Record<string, number>>): void {
  const whole = (name: string) => medians[name]?.whole ?? Number.NaN;
  console.log(`medians of ${repetitions} alternating rounds, Node ${process.version}`);
  console.log(`docker run --rm                 ${whole("docker").toFixed(0)} ms`);
  console.log(`docker run --rm --network host  ${whole("host network").toFixed(0)} ms`);
  for (const [name, label] of [
    ["first", "first build of a process"],
    ["later", "later build of a process"],
  ] as const) {
    const over = (other: string) => `${(whole(name) - whole(other)).toFixed(0)} ms`;
    const ratio = (whole(name) / whole("docker")).toFixed(2);
    const more = `over docker run ${over("docker")} (${ratio}), with the host's network ${over("host network")}`;
    console.log(`${label}        ${whole(name).toFixed(0)} ms   ${more}   goal: ${goal} ms or less`);
  }
}
