// Time from the start of the program to the first command of a build, and to its end: three commands on the host,
// by `chubo run` and by gitlab-ci-local, in turn. `node bench/first-command.ts [--repetitions N]`
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate, readRepetitions, type Subject } from "./alternate.ts";
import { runProgram } from "./run-program.ts";

const peerVersion = "4.75.1";
const chubo = join(import.meta.dirname, "..", "bin", "chubo.js");

const templateText = `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Principal: { Service: codebuild.amazonaws.com }, Action: sts:AssumeRole }
      Policies:
        - PolicyName: build
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: ['logs:*', 's3:*'], Resource: '*' }
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: bench
      ServiceRole: !GetAtt Role.Arn
      Artifacts: { Type: CODEPIPELINE }
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
      Source: { Type: CODEPIPELINE }
`;

const repetitions = readRepetitions(process.argv.slice(2), 15);
const directory = mkdtempSync(join(tmpdir(), "chubo-bench-"));
try {
  const peer = installPeer(directory);
  const subjects = { chubo: prepareChubo(directory), peer: preparePeer(directory, peer) };
  printComparison(await alternate(subjects, repetitions));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The peer's program, from npm. */
function installPeer(root: string): string {
  try {
    execFileSync("rsync", ["--version"], { stdio: "ignore" });
  } catch (error) {
    throw new Error("gitlab-ci-local needs rsync: apt-get install rsync", { cause: error });
  }
  const prefix = join(root, "peer");
  mkdirSync(prefix);
  const options = ["--prefix", prefix, "--no-audit", "--no-fund", "--silent"];
  execFileSync("npm", ["install", ...options, `gitlab-ci-local@${peerVersion}`], { stdio: ["ignore", 2, 2] });
  const folder = join(prefix, "node_modules", "gitlab-ci-local");
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { bin: string };
  return join(folder, bin);
}

/** Both run the same three commands; the first one writes down when it ran. */
function commandsFor(stamp: string): [string, string, string] {
  return [`date +%s%N > ${stamp}`, "echo built > built.txt", "cat built.txt"];
}

function prepareChubo(root: string): Subject {
  const stamp = join(root, "chubo.stamp");
  const source = join(root, "source");
  mkdirSync(source);
  const commands = commandsFor(stamp).map((command) => `      - ${command}`);
  const buildspec = ["version: 0.2", "phases:", "  build:", "    commands:", ...commands];
  writeFileSync(join(source, "buildspec.yml"), `${buildspec.join("\n")}\n`);
  const template = join(root, "template.yml");
  writeFileSync(template, templateText);
  const options = ["--environment", "host", "--json", "--state", join(root, "state")];
  const words = [process.execPath, chubo, "run", template, "--source", source, ...options];
  return () => measure(words, source, stamp);
}

function preparePeer(root: string, program: string): Subject {
  const stamp = join(root, "peer.stamp");
  const project = join(root, "project");
  mkdirSync(project);
  const jobs = commandsFor(stamp).map((command, index) => {
    const needs = index === 0 ? "" : `\n  needs: [job${index - 1}]`;
    return `job${index}:${needs}\n  script:\n    - ${command}\n`;
  });
  writeFileSync(join(project, ".gitlab-ci.yml"), jobs.join("\n"));
  const git = (...words: string[]) => execFileSync("git", words, { cwd: project, stdio: "ignore" });
  git("init", "--initial-branch", "main");
  git("remote", "add", "origin", "git@gitlab.com:example/project.git");
  git("add", ".");
  git("-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--message", "Add the pipeline");
  return () => measure([process.execPath, program, "--force-shell-executor"], project, stamp);
}

async function measure(words: string[], directory: string, stamp: string) {
  rmSync(stamp, { force: true });
  const { startedAt, endedAt } = await runProgram(words, { directory, environment: process.env });
  const firstCommandAt = Number(readFileSync(stamp, "utf8")) / 1e6;
  return { "first command": firstCommandAt - startedAt, "whole run": endedAt - startedAt };
}

function printComparison({ chubo, peer }: Record<"chubo" | "peer", Record<string, number>>): void {
  console.log(`medians of ${repetitions} alternating runs, Node ${process.version}`);
  console.log(
    `${"".padEnd(16)}${"chubo run".padStart(12)}${`gitlab-ci-local ${peerVersion}`.padStart(26)}${"ratio".padStart(8)}`,
  );
  for (const [name, ours] of Object.entries(chubo)) {
    const theirs = peer[name] as number;
    const cells = [`${ours.toFixed(0)} ms`.padStart(12), `${theirs.toFixed(0)} ms`.padStart(26)];
    console.log(`${name.padEnd(16)}${cells.join("")}${(ours / theirs).toFixed(2).padStart(8)}`);
  }
  console.log("goal: first command at 0.25 or less, and 120 ms");
}
