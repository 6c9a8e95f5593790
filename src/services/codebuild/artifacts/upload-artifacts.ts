import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { evaluateInShell } from "../shell/evaluate-in-shell.ts";
import { zipFiles } from "../source/zip-files.ts";
import { type ArtifactFile, collectArtifacts } from "./collect-artifacts.ts";

/** UPLOAD_ARTIFACTS: CODEPIPELINE (always zip) and S3 (folder or zip); NO_ARTIFACTS leaves the buildspec's block aside. */
export async function uploadArtifacts(run: BuildRun): Promise<void> {
  const { build, buildspec, environment, log } = run;
  if (build.artifacts.type === "NO_ARTIFACTS" || buildspec?.artifacts === undefined || environment === undefined)
    return;
  const block = await evaluatedBlock(run, buildspec.artifacts, environment.sourceDirectory);
  const files = await collectArtifacts(block, environment.local.sourceDirectory, (line) => log.line(line));
  if (build.artifacts.type === "CODEPIPELINE") await uploadForPipeline(run, files);
  else await uploadToS3(run, block, files);
}

/** Variables and `$(…)` in a block are the shell's, as it stands at the end of the build: `x-$(date +%F)`. */
async function evaluatedBlock(run: BuildRun, block: ArtifactsBlock, sourceDirectory: string): Promise<ArtifactsBlock> {
  const texts = [block.baseDirectory, block.name, ...block.files, ...block.excludePaths];
  const open = [...new Set(texts.filter((text) => text !== undefined && /[$`]/.test(text)))] as string[];
  const values = await evaluateInShell(run, open.map(wordOf));
  const evaluate = (text: string) => {
    const value = open.includes(text) ? (values[open.indexOf(text)] ?? text) : text;
    // `$CODEBUILD_SRC_DIR/dist` means `dist`.
    return value === sourceDirectory || value.startsWith(`${sourceDirectory}/`)
      ? relative(sourceDirectory, value) || "."
      : value;
  };
  return {
    ...block,
    files: block.files.map(evaluate),
    excludePaths: block.excludePaths.map(evaluate),
    baseDirectory: block.baseDirectory === undefined ? undefined : evaluate(block.baseDirectory),
    name: block.name === undefined ? undefined : evaluate(block.name),
  };
}

/** One word in double quotes. Inside of `$(…)` quotes count anew. */
function wordOf(text: string): string {
  return `"${text.includes("$(") ? text : text.replaceAll('"', '\\"')}"`;
}

async function uploadForPipeline(run: BuildRun, files: ArtifactFile[]): Promise<void> {
  const archive = await zipFiles(files);
  const { location } = run.build.artifacts;
  if (location !== undefined) {
    await putObject(run, location, archive);
    run.build.artifactLocation = `arn:aws:s3:::${location}`;
  }
  run.input.onArtifact?.(
    archive,
    files.map(({ name }) => name),
  );
}

/** `BUCKET[/PATH][/BUILD-ID]/NAME`. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
async function uploadToS3(run: BuildRun, block: ArtifactsBlock, files: ArtifactFile[]): Promise<void> {
  const { artifacts, id, projectName } = run.build;
  const given = artifacts.overrideArtifactName === true ? (block.name ?? artifacts.name) : artifacts.name;
  const parts = [
    artifacts.location,
    artifacts.path,
    artifacts.namespaceType === "BUILD_ID" ? id.split(":").at(-1) : undefined,
    given ?? projectName,
  ];
  // A name or path of "/" is the top of the bucket.
  const prefix = parts
    .flatMap((part) => (part ?? "").split("/"))
    .filter((part) => part !== "")
    .join("/");
  if (artifacts.packaging === "ZIP") {
    await putObject(run, prefix, await zipFiles(files));
  } else {
    for (const file of files) await putObject(run, `${prefix}/${file.name}`, await readFile(file.path));
  }
  run.build.artifactLocation = `arn:aws:s3:::${prefix}`;
}

async function putObject(run: BuildRun, location: string, content: Buffer): Promise<void> {
  const { collaborators, credential, build } = run;
  const [bucket, ...key] = location.split("/");
  const input = { Bucket: bucket, Key: key.join("/"), Body: content, Metadata: { "codebuild-buildarn": build.arn } };
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  try {
    await collaborators.call("s3", "PutObject", input, credential.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure("CLIENT_ERROR", `Error in UPLOAD_ARTIFACTS phase: ${error.name}: ${error.message}`, {
      cause: error,
    });
  }
}
