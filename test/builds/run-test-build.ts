// Runs builds on this machine with real shells; only the account around them is made up.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { ZipFile } from "yazl";
import type { OperationTable } from "../../src/aws-api/aws-api.ts";
import { AwsError } from "../../src/aws-api/aws-error.ts";
import type { Principal } from "../../src/aws-api/service.ts";
import type { BuildRecord } from "../../src/services/codebuild/build.ts";
import { openLocalCaches } from "../../src/services/codebuild/cache/local-caches.ts";
import { type CodeBuild, openCodeBuild } from "../../src/services/codebuild/codebuild.ts";
import type { BuildCollaborators } from "../../src/services/codebuild/collaborators.ts";
import { openHostEnvironment } from "../../src/services/codebuild/environment/host-environment.ts";
import { codeBuildOperations } from "../../src/services/codebuild/operations.ts";
import type { ProjectRecord } from "../../src/services/codebuild/project.ts";
import type { BuildInput } from "../../src/services/codebuild/run/build-run.ts";
import { secretBoxOf } from "../../src/store/secret-box.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

export const account = "123456789012";
export const region = "us-east-1";

const principal = {
  arn: `arn:aws:sts::${account}:assumed-role/r/AWSCodeBuild-x`,
  account,
  userId: "u",
  roleName: "r",
};

/** A made-up account that builds run in; what happened to it can be looked at. */
export interface TestAccount {
  codeBuild: CodeBuild;
  store: Store;
  /** Values by ID; a secret or parameter that is not here is refused. */
  secrets: Map<string, string>;
  parameters: Map<string, string>;
  /** `service:Operation` that the role may not call. */
  refused: Set<string>;
  /** `BUCKET/KEY` → bytes. */
  objects: Map<string, Buffer>;
  /** What stands in for repositories, by their URL. */
  directories: Map<string, string>;
  /** Throws AwsError for what a role may not do. */
  onAuthorize(action: string, principal: Principal): void;
  /** `service:Operation`, in order. */
  calls: string[];
  /** Actions that the build's role may not do. */
  denied: Set<string>;
  notes: string[];
  /** `PHASE` at its start and `PHASE STATUS` at its end. */
  phases: string[];
  log: string;
  /** What CloudWatch Logs was given. */
  cloudWatchLog: string;
  revoked: string[];
  defects: unknown[];
  temporaryDirectory: string;
  /** Of local caches; a second account may be given that of a first. */
  cachesDirectory: string;
  onLog(text: string, stop: () => void): void;
}

export function openTestAccount(
  t: TestContext,
  overrides: Partial<BuildCollaborators> = {},
  store: Store = openSqliteStore(":memory:"),
  concurrentBuilds = 8,
): TestAccount {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  // As the system's own: `run-as` lets others pass.
  chmodSync(temporaryDirectory, 0o755);
  t.after(() => rmSync(temporaryDirectory, { recursive: true, force: true }));
  const cachesDirectory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(cachesDirectory, { recursive: true, force: true }));
  const opened = {
    store,
    secrets: new Map([["hub", '{"user":"alice","password":"correct-horse"}']]),
    parameters: new Map<string, string>(),
    refused: new Set<string>(),
    objects: new Map<string, Buffer>(),
    directories: new Map<string, string>(),
    onAuthorize: () => undefined,
    calls: [],
    denied: new Set<string>(),
    notes: [],
    phases: [],
    log: "",
    cloudWatchLog: "",
    revoked: [],
    defects: [],
    ...{ temporaryDirectory, cachesDirectory },
    onLog: () => undefined,
  } as unknown as TestAccount;
  const codeBuild = openCodeBuild({
    store,
    secretBox: secretBoxOf(Buffer.alloc(32)),
    region,
    account,
    concurrentBuilds,
    onDefect: (error) => void opened.defects.push(error),
    collaborators: { ...collaboratorsOf(opened), ...overrides },
  });
  t.after(() => codeBuild.shutdown());
  return Object.assign(opened, { codeBuild });
}

function collaboratorsOf(opened: TestAccount): BuildCollaborators {
  return {
    roles: {
      assume: () => ({
        accessKeyId: "ASIATESTTESTTEST",
        secretAccessKey: "s3cr3t",
        sessionToken: "tok3n",
        principal,
      }),
      revoke: (accessKeyId) => void opened.revoked.push(accessKeyId),
    },
    call: async <Output>(service: string, operation: string, input: object) =>
      (service === "codebuild"
        ? await callCodeBuild(opened, operation, input)
        : await answer(opened, `${service}:${operation}`, input)) as Output,
    authorize(action, resource, asked) {
      opened.onAuthorize(action, asked);
      opened.calls.push(action);
      if (opened.denied.has(action)) {
        const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
        throw new AwsError("AccessDeniedException", message);
      }
    },
    openLog: async () => ({
      write: (text) => {
        opened.cloudWatchLog += text;
      },
      close: async () => undefined,
    }),
    openEnvironment: () =>
      openHostEnvironment({
        temporaryDirectory: opened.temporaryDirectory,
        pathPrefix: [],
        variables: {},
        sourceNumber: 123456789,
      }),
    localCaches: openLocalCaches({ directory: join(opened.cachesDirectory, "caches"), mostBytes: 1_000_000 }),
    sources: {
      findDirectory: ({ location = "" }) => opened.directories.get(location),
      path: process.env.PATH ?? "",
      temporaryDirectory: opened.temporaryDirectory,
    },
    observer: {
      onBuildStart: () => undefined,
      onPhase: (_build, { phaseType, phaseStatus }) =>
        void opened.phases.push([phaseType, phaseStatus].filter(Boolean).join(" ")),
      onNote: (_build, text) => void opened.notes.push(text),
      onLog(build, text) {
        opened.log += text;
        opened.onLog(opened.log, () => opened.codeBuild.stop(build.id));
      },
    },
    now: () => new Date(),
    random: Math.random,
    newUuid: () => crypto.randomUUID(),
  };
}

/** CodeBuild's own operations, as the build's role. */
function callCodeBuild(opened: TestAccount, operation: string, input: object): unknown {
  const operations = codeBuildOperations(opened.codeBuild, () => new Date()) as unknown as OperationTable;
  opened.calls.push(`codebuild:${operation}`);
  if (opened.denied.has(`codebuild:${operation}`)) throw new AwsError("AccessDeniedException", "not authorized");
  const context = { service: "codebuild", operation, requestId: "r", region, account, principal };
  return operations[operation]?.run(input as never, context);
}

async function answer(opened: TestAccount, action: string, input: object): Promise<object> {
  const {
    SecretId = "",
    Names = [],
    Bucket,
    Key,
    Body,
  } = input as {
    SecretId?: string;
    Names?: string[];
    Bucket?: string;
    Key?: string;
    Body?: Buffer | Readable;
  };
  const refuse = () =>
    new AwsError("AccessDeniedException", `User: ${principal.arn} is not authorized to perform: ${action}`);
  opened.calls.push(action);
  if (opened.refused.has(action)) throw refuse();
  switch (action) {
    case "secretsmanager:GetSecretValue": {
      const value = opened.secrets.get(SecretId);
      if (value === undefined) throw refuse();
      return { SecretString: value };
    }
    case "ssm:GetParameters": {
      const found = Names.filter((name) => opened.parameters.has(name));
      return { Parameters: found.map((name) => ({ Name: name, Value: opened.parameters.get(name) })) };
    }
    case "s3:GetObject": {
      const content = opened.objects.get(`${Bucket}/${Key}`);
      if (content === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.");
      return { Body: content };
    }
    case "s3:ListObjectsV2": {
      const { Prefix = "" } = input as { Prefix?: string };
      const keys = [...opened.objects.keys()].filter((name) => name.startsWith(`${Bucket}/${Prefix}`)).sort();
      return { Contents: keys.map((name) => ({ Key: name.slice(`${Bucket}/`.length), LastModified: new Date(0) })) };
    }
    case "s3:PutObject":
      if ((input as { IfNoneMatch?: string }).IfNoneMatch === "*" && opened.objects.has(`${Bucket}/${Key}`)) {
        throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
      }
      opened.objects.set(`${Bucket}/${Key}`, await bytesOf(Body));
      return {};
    default:
      throw refuse();
  }
}

async function bytesOf(body: Buffer | Readable | undefined): Promise<Buffer> {
  return body === undefined || Buffer.isBuffer(body) ? (body ?? Buffer.alloc(0)) : buffer(body);
}

export function testProject(changes: Partial<ProjectRecord> = {}): ProjectRecord {
  return {
    name: "p1",
    arn: `arn:aws:codebuild:${region}:${account}:project/p1`,
    source: { type: "CODEPIPELINE" },
    artifacts: { type: "CODEPIPELINE" },
    environment: {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      privilegedMode: false,
      environmentVariables: [],
    },
    serviceRole: `arn:aws:iam::${account}:role/r`,
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    settings: {},
    builds: 0,
    created: 0,
    lastModified: 0,
    tags: [],
    ...changes,
  };
}

export async function zipOf(files: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return buffer(zip.outputStream);
}

export interface TestBuild {
  build: BuildRecord;
  log: string;
  /** Names in the artifact. */
  artifact: string[] | undefined;
  /** Archives by the artifact's identifier, "" for the primary one, where the build was given no location for them. */
  archives: Map<string, Buffer>;
  /** What is left in the temporary directory. */
  left: string[];
  opened: TestAccount;
}

/** Runs one build of a buildspec, with one file as its source unless told otherwise. */
export async function runTestBuild(
  t: TestContext,
  buildspec: string,
  options: {
    files?: Record<string, string>;
    /** Present and undefined: the source is where the project says. */
    sourceZip?: Buffer | undefined;
    project?: Partial<ProjectRecord>;
    account?: (opened: TestAccount) => void;
    collaborators?: Partial<BuildCollaborators>;
    changes?: Partial<BuildRecord>;
    input?: Partial<BuildInput>;
  } = {},
): Promise<TestBuild> {
  const opened = openTestAccount(t, options.collaborators);
  options.account?.(opened);
  const source = buildspec === "" ? { type: "CODEPIPELINE" } : { type: "CODEPIPELINE", buildspec };
  let artifact: string[] | undefined;
  const archives = new Map<string, Buffer>();
  const sourceZip = "sourceZip" in options ? options.sourceZip : await zipOf(options.files ?? { "a.txt": "a" });
  const { id } = opened.codeBuild.start(testProject({ source, ...options.project }), options.changes ?? {}, {
    ...options.input,
    ...(sourceZip === undefined ? {} : { sourceZip }),
    async onArtifact({ identifier, files, archive }) {
      if (identifier === undefined) artifact = files;
      if (archive !== undefined) archives.set(identifier ?? "", await buffer(archive));
    },
  });
  const build = await opened.codeBuild.ended(id);
  if (build.status !== "FAULT" && opened.defects.length > 0) throw opened.defects[0];
  return { build, log: opened.log, artifact, archives, left: readdirSync(opened.temporaryDirectory), opened };
}

/** A buildspec in JSON, of the commands of its phases. */
export function buildspecOf(phases: Record<string, string[] | object>, rest: object = {}): string {
  const named = Object.entries(phases).map(([name, phase]) => [
    name,
    Array.isArray(phase) ? { commands: phase } : phase,
  ]);
  return `${JSON.stringify({ version: 0.2, phases: Object.fromEntries(named), ...rest })}\n`;
}

/** Phase type → its status. */
export function statusesOf(build: BuildRecord): Record<string, string | undefined> {
  return Object.fromEntries(build.phases.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus]));
}

/** `CODE: message` of the phase that did not succeed first. */
export function failureOf(build: BuildRecord): string {
  const failed = build.phases.find(({ phaseStatus = "SUCCEEDED" }) => phaseStatus !== "SUCCEEDED");
  const context = failed?.contexts[0];
  return `${failed?.phaseType} ${context?.statusCode}: ${context?.message}`;
}
