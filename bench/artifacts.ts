// Time to make an artifact of 20,000 files and store it in S3, against Debian's `zip -r` of the same tree, in turn.
// `node bench/artifacts.ts [--repetitions N]`
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ArtifactsBlock } from "../src/buildspec/buildspec.ts";
import { collectArtifacts } from "../src/services/codebuild/artifacts/collect-artifacts.ts";
import { storeArtifact } from "../src/services/codebuild/artifacts/store-artifact.ts";
import type { BuildRun } from "../src/services/codebuild/run/build-run.ts";
import { createS3 } from "../src/services/s3/s3.ts";
import { openFileContentStore } from "../src/store/file-content-store.ts";
import { holdContent } from "../src/store/held-content.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";
import { stateLayout } from "../src/store/state-layout.ts";
import { alternate, readRepetitions } from "./alternate.ts";

const fileCount = 20_000;
const block: ArtifactsBlock = {
  files: ["**/*"],
  baseDirectory: undefined,
  excludePaths: [],
  discardPaths: false,
  enableSymlinks: false,
  name: undefined,
  s3Prefix: undefined,
};

const repetitions = readRepetitions(process.argv.slice(2), 9);
const directory = mkdtempSync(join(tmpdir(), "chubo-bench-"));
try {
  const tree = join(directory, "tree");
  writeTree(tree);
  const upload = openUpload(directory);
  const { chubo, zip } = await alternate(
    {
      chubo: () => timed(() => upload(tree)),
      zip: () => timed(async () => zipTree(tree, join(directory, "tree.zip"))),
    },
    repetitions,
  );
  const ratio = (chubo.milliseconds as number) / (zip.milliseconds as number);
  console.log(`medians of ${repetitions} alternating runs, ${fileCount} files, Node ${process.version}`);
  console.log(`chubo, collected, zipped, hashed and stored  ${chubo.milliseconds?.toFixed(0)} ms`);
  console.log(`zip -r                                       ${zip.milliseconds?.toFixed(0)} ms`);
  console.log(`ratio ${ratio.toFixed(2)}; goal: 1.3 or less`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Text of 0.2 to 16 kB a file, most of it small, in 400 directories: like what a bundler or a package manager leaves. */
function writeTree(root: string): void {
  let state = 1;
  const random = () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const words = "function return const value of the build artifact export import default module string number".split(
    " ",
  );
  for (let index = 0; index < fileCount; index++) {
    const path = join(root, `d${index % 20}`, `e${((index / 20) | 0) % 20}`, `file${index}.js`);
    const length = 200 + random() ** 3 * 16_000;
    let text = "";
    while (text.length < length) text += `${words[Math.floor(random() * words.length)]}${Math.floor(random() * 100)} `;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function timed(work: () => Promise<void>): Promise<Record<string, number>> {
  const start = performance.now();
  await work();
  return { milliseconds: performance.now() - start };
}

function zipTree(tree: string, archive: string): void {
  rmSync(archive, { force: true });
  execFileSync("zip", ["-r", "-q", archive, "."], { cwd: tree });
}

/** The phase as a build runs it, with the real store of S3 behind it. */
function openUpload(root: string): (tree: string) => Promise<void> {
  const state = stateLayout(join(root, "state"));
  for (const path of [state.account, state.content, state.incoming]) mkdirSync(path, { recursive: true });
  const store = openSqliteStore(state.database, { durable: false });
  const now = () => new Date();
  const content = holdContent(store, openFileContentStore(state, { durable: false, sweepsAtOpen: false }), now);
  const { operations } = createS3({ store, content, now, newId: () => crypto.randomUUID() });
  const context = {
    principal: { arn: "arn:aws:iam::1:root", account: "1", userId: "1" },
    region: "us-east-1",
    account: "1",
  };
  const call = async (_service: string, operation: string, input: object) => {
    const found = (operations as unknown as Record<string, { run(input: object, context: object): Promise<unknown> }>)[
      operation
    ];
    return found?.run(input, { ...context, service: "s3", operation, requestId: "r" });
  };
  const run = {
    build: { id: "bench:1", arn: "arn:aws:codebuild:us-east-1:1:build/bench:1", projectName: "bench" },
    collaborators: { call },
    credential: context,
    input: {},
    signal: new AbortController().signal,
  } as unknown as BuildRun;
  const made = call("s3", "CreateBucket", { Bucket: "out" });
  return async (tree) => {
    await made;
    const files = await collectArtifacts(block, tree, { keepsLinks: true, log: () => undefined });
    const place = { type: "CODEPIPELINE", location: "out/bench.zip" };
    await storeArtifact(run, { block, identifier: undefined, place, sourceDirectory: tree }, files);
  };
}
