import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Principal } from "../../../aws-api/service.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import type { BatchRecord } from "./batch.ts";
import type { BatchRun } from "./run-batch.ts";

type CallS3 = <Output>(operation: string, input: object) => Promise<Output>;

/**
 * COMBINE_ARTIFACTS: the builds' artifacts in one place, `BUCKET[/PATH][/BATCH-ID]/NAME`, as files or as one archive. Where
 * two builds have a file of the same name, the later task's stays; what AWS does then is not known.
 */
export async function combineArtifacts(run: BatchRun, principal: Principal): Promise<void> {
  const { batch, collaborators } = run;
  const call: CallS3 = async (operation, input) => {
    try {
      return await collaborators.call("s3", operation, input, principal);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseFailure("CLIENT_ERROR", `${error.name}: ${error.message}`, { cause: error });
    }
  };
  if (batch.project.artifacts.type === "CODEPIPELINE") return combineForPipeline(run, call);
  const target = combinedLocation(batch);
  const parts = batch.groups.flatMap(({ current }) => current?.artifactLocation ?? []).map(parseLocation);
  if (parts.length === 0) throw nothingToCombine();
  if (batch.project.artifacts.packaging === "ZIP") {
    const archives: Buffer[] = [];
    for (const part of parts) archives.push(await read(call, part));
    await call("PutObject", { ...target, Body: (await mergeArchives(archives)).archive });
  } else {
    for (const part of parts) await copyFolder(call, part, target);
  }
  batch.artifactLocation = `arn:aws:s3:::${target.Bucket}/${target.Key}`;
}

/** One archive, for the only output of the pipeline's action. */
async function combineForPipeline({ batch, archives, input }: BatchRun, call: CallS3): Promise<void> {
  const parts: Buffer[] = [];
  for (const { planned, current } of batch.groups) {
    const location = current?.artifactLocation;
    const archive =
      location === undefined ? archives.get(planned.identifier) : await read(call, parseLocation(location));
    if (archive !== undefined) parts.push(archive);
  }
  if (parts.length === 0) throw nothingToCombine();
  const { archive, names } = await mergeArchives(parts);
  const { location } = batch.project.artifacts;
  if (location !== undefined) {
    await call("PutObject", { ...parseLocation(location), Body: archive });
    batch.artifactLocation = `arn:aws:s3:::${location}`;
  }
  await input.onArtifact?.({
    ...{ buildId: batch.id, batch: { id: batch.id }, files: names },
    ...(location === undefined ? { archive: Readable.from([archive]) } : { location }),
  });
}

function nothingToCombine(): PhaseFailure {
  return new PhaseFailure("CLIENT_ERROR", "no build of the batch has an artifact");
}

interface S3Location {
  Bucket: string;
  Key: string;
}

function combinedLocation({ id, project: { artifacts, name } }: BatchRecord): S3Location {
  const parts = [
    artifacts.location,
    artifacts.path,
    artifacts.namespaceType === "BUILD_ID" ? id.split(":").at(-1) : undefined,
    artifacts.name ?? name,
  ];
  const [Bucket = "", ...key] = parts.flatMap((part) => (part ?? "").split("/")).filter((part) => part !== "");
  return { Bucket, Key: key.join("/") };
}

function parseLocation(arn: string): S3Location {
  const [Bucket = "", ...key] = arn.replace(/^arn:aws[^:]*:s3:::/, "").split("/");
  return { Bucket, Key: key.join("/") };
}

async function copyFolder(call: CallS3, { Bucket, Key }: S3Location, target: S3Location): Promise<void> {
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { ContinuationToken: token };
    const page = await call<ListObjectsV2CommandOutput>("ListObjectsV2", { Bucket, Prefix: `${Key}/`, ...next });
    for (const { Key: name = "" } of page.Contents ?? []) {
      const Body = await read(call, { Bucket, Key: name });
      await call("PutObject", { Bucket: target.Bucket, Key: `${target.Key}${name.slice(Key.length)}`, Body });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function read(call: CallS3, location: S3Location): Promise<Buffer> {
  const { Body } = await call<{ Body?: unknown }>("GetObject", location);
  if (Body === undefined) return Buffer.alloc(0);
  return Body instanceof Uint8Array ? Buffer.from(Body) : buffer(Body as AsyncIterable<Uint8Array>);
}

async function mergeArchives(archives: readonly Buffer[]): Promise<{ archive: Buffer; names: string[] }> {
  const [{ ZipFile }, { fromBufferPromise }] = await Promise.all([import("yazl"), import("yauzl")]);
  const entries = new Map<string, { content: Buffer; mode: number; mtime: Date }>();
  for (const archive of archives) {
    const zip = await fromBufferPromise(archive);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      const content = await buffer(await zip.openReadStreamPromise(entry));
      const mode = entry.externalFileAttributes >>> 16 || 0o100644;
      entries.set(entry.fileName, { content, mode, mtime: entry.getLastModDate() });
    }
  }
  const merged = new ZipFile();
  for (const [name, { content, mode, mtime }] of entries) merged.addBuffer(content, name, { mode, mtime });
  merged.end();
  return { archive: await buffer(merged.outputStream), names: [...entries.keys()] };
}
