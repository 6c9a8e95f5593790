import { readFile } from "node:fs/promises";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { ArtifactsBlock } from "../../buildspec/buildspec.ts";
import { type ArtifactFile, collectArtifacts } from "./collect-artifacts.ts";
import { PhaseFailure } from "./phase-failure.ts";
import type { BuildRun } from "./run-build.ts";
import { zipFiles } from "./zip-files.ts";

/** UPLOAD_ARTIFACTS: CODEPIPELINE (always zip) and S3 (folder or zip); NO_ARTIFACTS leaves the block of the buildspec aside. */
export async function uploadArtifacts(run: BuildRun): Promise<void> {
  const { build, buildspec, environment, log } = run;
  const block = buildspec?.artifacts;
  if (build.artifacts.type === "NO_ARTIFACTS" || block === undefined || environment === undefined) return;
  const files = await collectArtifacts(block, environment.local.sourceDirectory, (line) => log.line(line));
  if (build.artifacts.type === "CODEPIPELINE") await uploadForPipeline(run, files);
  else await uploadToS3(run, block, files);
}

async function uploadForPipeline(run: BuildRun, files: ArtifactFile[]): Promise<void> {
  const archive = await zipFiles(files);
  const { location } = run.build.artifacts;
  if (location !== undefined) await putObject(run, location, archive);
  run.input.onArtifact?.(
    archive,
    files.map(({ name }) => name),
  );
}

/** `BUCKET[/PATH][/BUILD-ID]/NAME`. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
async function uploadToS3(run: BuildRun, block: ArtifactsBlock, files: ArtifactFile[]): Promise<void> {
  const { artifacts, id, projectName } = run.build;
  const parts = [artifacts.path, artifacts.namespaceType === "BUILD_ID" ? id.split(":").at(-1) : undefined];
  const name = artifacts.overrideArtifactName === true ? (block.name ?? projectName) : (artifacts.name ?? projectName);
  const prefix = [artifacts.location, ...parts, name].filter((part) => part !== undefined && part !== "").join("/");
  if (artifacts.packaging === "ZIP") {
    await putObject(run, prefix, await zipFiles(files));
  } else {
    for (const file of files) await putObject(run, `${prefix}/${file.name}`, await readFile(file.path));
  }
  run.build.artifactLocation = `arn:aws:s3:::${prefix}`;
}

async function putObject(run: BuildRun, location: string, content: Buffer): Promise<void> {
  const { collaborators, credential, build } = run;
  const [bucket, ...key] = location.replace(/^arn:aws:s3:::/, "").split("/");
  const input = { Bucket: bucket, Key: key.join("/"), Body: content, Metadata: { "codebuild-buildarn": build.arn } };
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  try {
    await collaborators.call("s3", "PutObject", input, credential.principal);
    build.artifactLocation = `arn:aws:s3:::${location}`;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure("CLIENT_ERROR", `Error in UPLOAD_ARTIFACTS phase: ${error.name}: ${error.message}`, {
      cause: error,
    });
  }
}
