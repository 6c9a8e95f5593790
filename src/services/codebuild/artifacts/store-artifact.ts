import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { Readable } from "node:stream";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import type { ArtifactResult } from "../build.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import type { ArtifactTarget } from "./artifact-targets.ts";
import type { ArtifactFile } from "./collect-artifacts.ts";
import { archiveEntries, readFile } from "./read-artifact-file.ts";
import { zipStream } from "./zip-writer.ts";

/** Objects that are written at the same time. */
const writers = 8;

/** Puts the files of one artifact where they belong, as they are read: nothing of them is kept in memory. */
export async function storeArtifact(
  run: BuildRun,
  target: ArtifactTarget & { sourceDirectory: string },
  files: readonly ArtifactFile[],
): Promise<ArtifactResult> {
  const { identifier, place, block } = target;
  const root = await realpath(target.sourceDirectory);
  const named = identifier === undefined ? {} : { identifier };
  const names = files.map(({ name }) => name);
  if (place.type === "CODEPIPELINE") {
    const { location } = place;
    const { stream, sums } = hashed(zipStream(archiveEntries(files, root, run.signal)));
    if (location !== undefined) await putObject(run, location, stream);
    else if (run.input.onArtifact === undefined) await drain(stream);
    await run.input.onArtifact?.({
      buildId: run.build.id,
      ...named,
      files: names,
      ...(location === undefined ? { archive: stream } : { location }),
    });
    return { ...named, ...(location !== undefined && { location: `arn:aws:s3:::${location}` }), ...sums() };
  }
  const prefix = objectPrefix(run, place, block);
  const location = `arn:aws:s3:::${prefix}`;
  if (place.packaging === "ZIP") {
    const { stream, sums } = hashed(zipStream(archiveEntries(files, root, run.signal)));
    await putObject(run, prefix, stream);
    return { ...named, location, ...sums() };
  }
  await eachAtOnce(files, writers, async (file) => {
    run.signal.throwIfAborted();
    const { content } = readFile(file, root);
    await putObject(run, `${prefix}/${file.name}`, Buffer.isBuffer(content) ? content : Readable.from(content));
  });
  return { ...named, location };
}

/** `BUCKET[/PATH][/BUILD-ID]/NAME`. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
function objectPrefix({ build }: BuildRun, place: ArtifactTarget["place"], block: ArtifactsBlock): string {
  const isByBuild = place.namespaceType === "BUILD_ID";
  const given = place.overrideArtifactName === true ? (block.name ?? place.name) : place.name;
  const parts = [
    place.location,
    isByBuild ? (block.s3Prefix ?? place.path) : place.path,
    isByBuild ? build.id.split(":").at(-1) : undefined,
    given ?? build.projectName,
  ];
  // A name or path of "/" is the top of the bucket.
  return parts
    .flatMap((part) => (part ?? "").split("/"))
    .filter((part) => part !== "")
    .join("/");
}

function hashed(archive: Readable) {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  async function* inspected() {
    for await (const chunk of archive as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      md5.update(chunk);
      yield chunk;
    }
  }
  return {
    stream: Readable.from(inspected(), { objectMode: false }),
    sums: () => ({ sha256sum: sha256.digest("hex"), md5sum: md5.digest("hex") }),
  };
}

async function drain(stream: Readable): Promise<void> {
  for await (const _ of stream);
}

async function eachAtOnce<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  const worker = async () => {
    for (const item of iterator) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

async function putObject(run: BuildRun, location: string, content: Buffer | Readable): Promise<void> {
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
  } finally {
    // Where the object was refused, files may still be open.
    if (!Buffer.isBuffer(content)) content.destroy();
  }
}
