// How fast a build's output goes through the log: a host build that prints text with secrets in it, masked, to an observer
// and to CloudWatch Logs in SQLite. `node bench/build-log.ts [--megabytes 1024]`
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCodeBuild } from "../src/services/codebuild/codebuild.ts";
import { openHostEnvironment } from "../src/services/codebuild/environment/host-environment.ts";
import type { ProjectRecord } from "../src/services/codebuild/project.ts";
import { createLogs } from "../src/services/logs/logs.ts";
import { secretBoxOf } from "../src/store/secret-box.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";

const [account, region] = ["123456789012", "us-east-1"];
const principal = { arn: `arn:aws:sts::${account}:assumed-role/r/s`, account, userId: "u", roleName: "r" };
const secrets = [
  "correct-horse-battery",
  "hunter2-hunter2",
  "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7\nq1w2e3r4t5\n-----END KEY-----",
];
const index = process.argv.indexOf("--megabytes");
const megabytes = index === -1 ? 1024 : Number(process.argv[index + 1]);

const directory = mkdtempSync(join(tmpdir(), "chubo-bench-"));
try {
  await run();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const block = writeBlock(join(directory, "block.txt"));
  mkdirSync(join(directory, "state"));
  const store = openSqliteStore(join(directory, "state", "chubo.db"), { durable: false });
  const logs = createLogs({ store, now: () => new Date() });
  const seen = { characters: 0, stars: 0, leaks: 0 };
  const codeBuild = openCodeBuild({
    ...{ store, region, account, secretBox: secretBoxOf(Buffer.alloc(32)) },
    onDefect(error) {
      throw error;
    },
    concurrentBuilds: 1,
    collaborators: {
      roles: {
        assume: () => ({
          accessKeyId: "ASIA",
          secretAccessKey: "s3cr3t-key",
          sessionToken: "t0ken-of-session",
          principal,
        }),
        revoke: () => undefined,
      },
      call: async <Output>(_service: string, _operation: string, { SecretId }: { SecretId?: string }) =>
        ({ SecretString: secrets[Number(SecretId)] }) as Output,
      openLog: async (group, stream) => {
        const writer = logs.openLogStream({ region, account, group, stream });
        return { write: writer.write, close: async () => writer.close() };
      },
      openEnvironment: () =>
        openHostEnvironment({ temporaryDirectory: directory, pathPrefix: [], variables: {}, sourceNumber: 123456789 }),
      authorize: () => undefined,
      sources: { findDirectory: () => undefined, path: "", temporaryDirectory: directory },
      localCaches: { take: () => undefined, clear: () => undefined },
      observer: {
        onBuildStart: () => undefined,
        onPhase: () => undefined,
        onNote: () => undefined,
        onLog(_build, text) {
          seen.characters += text.length;
          if (secrets.some((secret) => text.includes(secret))) seen.leaks++;
        },
      },
      ...{ now: () => new Date(), random: Math.random, newUuid: () => crypto.randomUUID() },
    },
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const buildspec = buildspecOf(block);
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { id } = codeBuild.start(projectOf(buildspec), {}, {});
  const build = await codeBuild.ended(id);
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  const stream = store.collection<{ storedBytes: number; nextEvent: number }>("logs-stream").list()[0];
  console.log(
    `${build.status}: ${megabytes} MiB in ${seconds.toFixed(1)} s, ${((megabytes * 1.048576) / seconds).toFixed(0)} MB/s; goal: 100 MB/s`,
  );
  console.log(
    `${((megabytes * 1.048576) / cpuSeconds).toFixed(0)} MB for each second of this process's processor time`,
  );
  console.log(
    `memory ${mib(before)} MiB before, ${mib(peak)} MiB at the most; ${(stream?.nextEvent ?? 0) - 1} events kept; ${seen.leaks} secrets seen`,
  );
  store.close();
}

function buildspecOf(block: string): string {
  return JSON.stringify({
    version: 0.2,
    env: { "secrets-manager": Object.fromEntries(secrets.map((_, number) => [`SECRET${number}`, String(number)])) },
    phases: { build: { commands: [`i=0; while [ $i -lt ${megabytes} ]; do cat ${block}; i=$((i+1)); done`] } },
  });
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

function writeBlock(file: string): string {
  writeFileSync(file, textBlock());
  return file;
}

/** One mebibyte of lines like a compiler's, with a few secrets. */
function textBlock(): string {
  let text = "";
  for (let line = 0; text.length < 1024 ** 2 - 400; line++) {
    text += `[${line}] Compiling module packages/app/src/components/view-${line % 97}.tsx (${(line * 7919) % 1000} ms)\n`;
    if (line % 4000 === 0) text += `password=${secrets[0]} token ${secrets[1]}\n${secrets[2]}\n`;
  }
  return `${text.padEnd(1024 ** 2 - 1, ".")}\n`;
}

function projectOf(buildspec: string): ProjectRecord {
  return {
    ...{
      name: "bench",
      arn: `arn:aws:codebuild:${region}:${account}:project/bench`,
      serviceRole: `arn:aws:iam::${account}:role/r`,
    },
    source: { type: "NO_SOURCE", buildspec: `${buildspec}\n` },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      privilegedMode: false,
      environmentVariables: [],
    },
    ...{
      timeoutInMinutes: 60,
      queuedTimeoutInMinutes: 480,
      settings: {},
      builds: 0,
      created: 0,
      lastModified: 0,
      tags: [],
    },
  };
}
