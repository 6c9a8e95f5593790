import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { ZipFile } from "yazl";
import { AwsError } from "../../aws-api/aws-error.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import type { BuildRecord } from "./build.ts";
import { openCodeBuild } from "./codebuild.ts";
import { openHostEnvironment } from "./host-environment.ts";
import type { ProjectRecord } from "./project.ts";

/** Secrets of the fake account, by ID. */
const secrets: Record<string, string> = { hub: '{"user":"alice","password":"correct-horse"}' };

interface TestRun {
  build: BuildRecord;
  log: string;
  artifact: string[] | undefined;
  left: string[];
}

interface TestOptions {
  files?: Record<string, string>;
  project?: Partial<ProjectRecord>;
  /** Called with the text of the log so far. */
  onLog?(text: string, stop: () => void): void;
}

/** Runs a buildspec on this machine with real shells; only the account around it is made up. */
async function runBuildspec(t: TestContext, buildspec: string, options: TestOptions = {}): Promise<TestRun> {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(temporaryDirectory, { recursive: true, force: true }));
  let log = "";
  let artifact: string[] | undefined;
  const principal = {
    arn: "arn:aws:sts::123456789012:assumed-role/r/s",
    account: "123456789012",
    userId: "u",
    roleName: "r",
  };
  const codeBuild = openCodeBuild({
    store: openSqliteStore(":memory:"),
    region: "us-east-1",
    account: "123456789012",
    onDefect: (error) => {
      throw error;
    },
    collaborators: {
      roles: {
        assume: () => ({
          accessKeyId: "ASIATESTTESTTEST",
          secretAccessKey: "s3cr3t",
          sessionToken: "tok3n",
          principal,
        }),
        revoke: () => undefined,
      },
      async call<Output>(_service: string, _operation: string, input: object) {
        const id = (input as { SecretId: string }).SecretId;
        if (secrets[id] === undefined)
          throw new AwsError("AccessDeniedException", `User: ${principal.arn} is not authorized`);
        return { SecretString: secrets[id] } as Output;
      },
      openLog: async () => ({ write: () => undefined, close: async () => undefined }),
      openEnvironment: () =>
        openHostEnvironment({ temporaryDirectory, pathPrefix: [], variables: {}, sourceNumber: 123456789 }),
      observer: {
        onBuildStart: () => undefined,
        onPhase: () => undefined,
        onNote: () => undefined,
        onLog: (build, text) => {
          log += text;
          options.onLog?.(log, () => codeBuild.stop(build.id));
        },
      },
      now: () => new Date(),
      random: Math.random,
      newUuid: () => crypto.randomUUID(),
    },
  });
  const project: ProjectRecord = {
    name: "p1",
    arn: "arn:aws:codebuild:us-east-1:123456789012:project/p1",
    source: { type: "CODEPIPELINE", buildspec },
    artifacts: { type: "CODEPIPELINE" },
    environment: {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      privilegedMode: false,
      environmentVariables: [],
    },
    serviceRole: "arn:aws:iam::123456789012:role/r",
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    builds: 0,
    created: 0,
    lastModified: 0,
    tags: [],
    ...options.project,
  };
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(options.files ?? { "a.txt": "a" })) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const sourceZip = await buffer(zip.outputStream);
  const { id } = codeBuild.start(project, {}, { sourceZip, onArtifact: (_zip, files) => (artifact = files) });
  const build = await codeBuild.ended(id);
  return { build, log, artifact, left: readdirSync(temporaryDirectory) };
}

function statuses(build: BuildRecord): Record<string, string | undefined> {
  return Object.fromEntries(build.phases.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus]));
}

function spec(phases: Record<string, string[]>, rest: object = {}): string {
  const named = Object.entries(phases).map(([name, commands]) => [name, { commands }]);
  return `${JSON.stringify({ version: 0.2, phases: Object.fromEntries(named), ...rest })}\n`;
}

test("a build that succeeds goes through all phases, uploads its artifacts and leaves nothing behind", async (t) => {
  const buildspec = spec(
    { build: ["mkdir out && echo x > out/x.txt"] },
    { artifacts: { files: ["**/*"], "base-directory": "out" } },
  );
  const { build, artifact, left, log } = await runBuildspec(t, buildspec);
  assert.equal(build.status, "SUCCEEDED", log);
  assert.deepEqual(
    build.phases.map(({ phaseType }) => phaseType),
    ["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"].concat([
      "UPLOAD_ARTIFACTS",
      "FINALIZING",
      "COMPLETED",
    ]),
  );
  assert.deepEqual(artifact, ["x.txt"]);
  assert.deepEqual(left, []);
});

test("the log is written as CodeBuild's agent writes it", async (t) => {
  const { log } = await runBuildspec(t, spec({ build: ["echo hello", "printf half", "exit 3"] }));
  const text = log.replaceAll(/^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} /gm, "[C] ");
  assert.match(
    text,
    /\[C\] Running command echo hello\nhello\n\n\[C\] Running command printf half\nhalf\n\n\[C\] Running command exit 3\n\n/,
  );
  assert.match(
    text,
    /\[C\] Command did not exit successfully exit 3 exit status 3\n\[C\] Phase complete: BUILD State: FAILED\n/,
  );
  const context = "COMMAND_EXECUTION_ERROR Message: Error while executing command: exit 3. Reason: exit status 3";
  assert.ok(text.includes(`[C] Phase context status code: ${context}\n`), text);
  assert.ok(
    text.includes("[C] Phase complete: INSTALL State: SUCCEEDED\n[C] Phase context status code:  Message: \n"),
    text,
  );
});

const failures: { failing: string; reached: string[]; phases?: Record<string, string[]> }[] = [
  { failing: "install", reached: ["INSTALL"] },
  { failing: "pre_build", reached: ["INSTALL", "PRE_BUILD"] },
  { failing: "build", reached: ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"] },
  { failing: "post_build", reached: ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"] },
];

for (const { failing, reached } of failures) {
  test(`a failure in ${failing} leads to ${reached.at(-1)} and no further`, async (t) => {
    const { build } = await runBuildspec(t, spec({ [failing]: ["false"] }, { artifacts: { files: ["a.txt"] } }));
    const ran = Object.keys(statuses(build)).slice(4, -2);
    assert.deepEqual(ran, reached);
    assert.equal(statuses(build)[failing.toUpperCase()], "FAILED");
    assert.equal(build.status, "FAILED");
  });
}

test("POST_BUILD learns that the build failed", async (t) => {
  const { log } = await runBuildspec(
    t,
    spec({
      pre_build: ['echo "before=$CODEBUILD_BUILD_SUCCEEDING"'],
      build: ["false"],
      post_build: ['echo "after=$CODEBUILD_BUILD_SUCCEEDING"'],
    }),
  );
  assert.match(log, /^before=1$/m);
  assert.match(log, /^after=0$/m);
});

test("directory, exports and plain assignments persist; functions and the changes of a command that exits do not", async (t) => {
  const { log } = await runBuildspec(
    t,
    spec({
      install: ["mkdir d && cd d", "A=plain", "export B='two\nlines'", "f() { echo called; }", "C=lost; exit 0"],
      build: ["basename $(pwd)", "sh -c 'echo A=$A'", 'echo "$B"', "f || echo no function", 'echo "C=[$C]"'],
    }),
  );
  for (const line of ["d", "A=plain", "two\nlines", "no function", "C=\\[\\]"])
    assert.match(log, new RegExp(`^${line}$`, "m"));
});

test("a shell's error names line 4 of the script, as on AWS", async (t) => {
  const { log } = await runBuildspec(t, spec({ build: ["nonesuch"] }));
  assert.match(log, /script\.sh: (line )?4: nonesuch: (command )?not found/);
  assert.match(log, /exit status 127/);
});

test("secrets are resolved, given to the commands and masked wherever they appear, also in pieces", async (t) => {
  const env = { variables: { ID: "hub" }, "secrets-manager": { HUB_PASSWORD: "$" + "{ID}:password" } };
  const commands = [
    'echo "got $HUB_PASSWORD"',
    "printf 'correct-'; sleep 0.05; printf 'horse\\n'",
    "echo correct-horse",
    "echo $AWS_ACCESS_KEY_ID",
  ];
  const { log, build } = await runBuildspec(
    t,
    spec({ build: [...commands, "test $HUB_PASSWORD = correct-horse"] }, { env }),
  );
  assert.equal(build.status, "SUCCEEDED", log);
  assert.doesNotMatch(log, /correct-horse|ASIATESTTESTTEST/);
  assert.match(log, /^got \*\*\*$/m);
  assert.match(log, /Running command echo \*\*\*\n\*\*\*\n/);
});

test("a secret that the role may not read fails DOWNLOAD_SOURCE with AWS's refusal", async (t) => {
  const { build } = await runBuildspec(
    t,
    spec({ build: ["true"] }, { env: { "secrets-manager": { X: "other:key" } } }),
  );
  assert.equal(statuses(build).DOWNLOAD_SOURCE, "FAILED");
  assert.equal(statuses(build).INSTALL, undefined);
  const context = build.phases.find(({ phaseType }) => phaseType === "DOWNLOAD_SOURCE")?.contexts[0];
  assert.match(context?.message ?? "", /^AccessDeniedException: User: .* is not authorized/);
});

test("a missing buildspec and a faulty one fail DOWNLOAD_SOURCE with YAML_FILE_ERROR", async (t) => {
  const project = { source: { type: "CODEPIPELINE" } };
  const contextOf = ({ build }: TestRun) =>
    build.phases.find(({ phaseStatus }) => phaseStatus === "FAILED")?.contexts[0];
  const missing = contextOf(await runBuildspec(t, "", { project }));
  assert.equal(missing?.statusCode, "YAML_FILE_ERROR");
  assert.match(missing?.message ?? "", /buildspec\.yml: no such file or directory$/);
  const files = {
    "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - echo one\n      - echo a: b\n",
  };
  const faulty = contextOf(await runBuildspec(t, "", { project, files }));
  assert.match(faulty?.message ?? "", /^Expected Commands\[1\] to be of string type: found subkeys instead at line 6/);
});

test("artifacts never leave the source directory, whether by link or by pattern", async (t) => {
  const artifacts = { files: ["link", "../../../home/*", "real"] };
  const { artifact, log } = await runBuildspec(
    t,
    spec({ build: ["ln -s /etc/passwd link", "echo x > real"] }, { artifacts }),
  );
  assert.deepEqual(artifact, ["real"], log);
});

test("an artifact that matches nothing fails UPLOAD_ARTIFACTS with CLIENT_ERROR", async (t) => {
  const { build, log } = await runBuildspec(t, spec({ build: ["true"] }, { artifacts: { files: ["nonesuch.json"] } }));
  assert.equal(statuses(build).UPLOAD_ARTIFACTS, "FAILED");
  assert.match(log, /Skipping invalid file path nonesuch\.json/);
  assert.match(log, /status code: CLIENT_ERROR Message: no matching artifact paths found/);
});

test("stopping a build ends its processes, also those that went into the background", async (t) => {
  let stopped = false;
  const { build, left } = await runBuildspec(t, spec({ build: ["setsid sleep 4242 & echo begun; sleep 4242"] }), {
    onLog(text, stop) {
      if (stopped || !text.includes("\nbegun")) return;
      stopped = true;
      stop();
    },
  });
  assert.equal(build.status, "STOPPED");
  assert.deepEqual(left, []);
  const running = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8") === "sleep\u00004242\u0000";
    } catch {
      return false;
    }
  });
  assert.deepEqual(running, []);
});

test("a build that runs out of time is FAILED, and its phase TIMED_OUT", async (t) => {
  const { build } = await runBuildspec(t, spec({ build: ["sleep 4243"] }), { project: { timeoutInMinutes: 0.002 } });
  assert.equal(build.status, "FAILED");
  const phase = build.phases.find(({ phaseStatus }) => phaseStatus === "TIMED_OUT");
  assert.deepEqual(phase?.contexts, [{ statusCode: "BUILD_TIMED_OUT", message: "Build has timed out." }]);
});

test("exported variables hold what they are at the end of POST_BUILD", async (t) => {
  const env = { "exported-variables": ["TAG", "NONE"] };
  const { build } = await runBuildspec(t, spec({ build: ["TAG=one"], post_build: ["TAG='two\nlines'"] }, { env }));
  assert.deepEqual(build.exportedVariables, [
    { name: "TAG", value: "two\nlines" },
    { name: "NONE", value: "" },
  ]);
});
