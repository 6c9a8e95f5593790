import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { unzipInto } from "./zip-files.ts";

export interface S3Source {
  /** `BUCKET/KEY` or its ARN; one that ends with `/` is a folder. */
  location: string;
  /** Of the bucket's object, where the bucket keeps versions. */
  versionId: string | undefined;
  /** For messages: `primary source` or the identifier of a secondary one. */
  name: string;
}

/** An archive is unpacked, a folder copied, object by object, all of it as the build's role. */
export async function placeS3Source(run: BuildRun, source: S3Source, target: string): Promise<void> {
  if (source.location.endsWith("/")) return copyFolder(run, source, target);
  const body = await openObject(run, source);
  return unzipInto(body instanceof Uint8Array ? body : (streamOf(body) as AsyncIterable<Uint8Array>), target);
}

export async function fetchObject(run: BuildRun, source: S3Source): Promise<Buffer> {
  return bytesOf(await openObject(run, source));
}

async function openObject(run: BuildRun, { location, versionId, name }: S3Source): Promise<unknown> {
  const input = { ...bucketAndKey(location), ...(versionId === undefined ? {} : { VersionId: versionId }) };
  const { Body } = await callS3<{ Body?: unknown }>(run, "GetObject", input, name);
  return Body ?? Buffer.alloc(0);
}

async function copyFolder(run: BuildRun, { location, name }: S3Source, target: string): Promise<void> {
  const { Bucket, Key: prefix } = bucketAndKey(location);
  let token: string | undefined;
  do {
    const input = { Bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
    const page = await callS3<ListObjectsV2CommandOutput>(run, "ListObjectsV2", input, name);
    for (const { Key = "" } of page.Contents ?? []) {
      const path = join(target, Key.slice(prefix.length));
      if (Key.endsWith("/")) continue;
      if (!path.startsWith(target + sep)) {
        throw new PhaseFailure("CLIENT_ERROR", `the source folder holds ${Key}, which leads out of it`);
      }
      run.signal.throwIfAborted();
      await mkdir(dirname(path), { recursive: true });
      const { Body } = await callS3<{ Body?: unknown }>(run, "GetObject", { Bucket, Key }, name);
      await pipeline(Readable.from(Body === undefined ? [] : streamOf(Body)), createWriteStream(path));
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function callS3<Output>(run: BuildRun, operation: string, input: object, name: string): Promise<Output> {
  const { credential, collaborators } = run;
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  try {
    return await collaborators.call<Output>("s3", operation, input, credential.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Wording as builds on AWS are remembered to show it; not verified.
    throw new PhaseFailure("CLIENT_ERROR", `${error.name}: ${error.message} for ${name}`, { cause: error });
  }
}

function bucketAndKey(location: string): { Bucket: string; Key: string } {
  const [bucket = "", ...key] = location.replace(/^arn:aws[^:]*:s3:::/, "").split("/");
  return { Bucket: bucket, Key: key.join("/") };
}

function streamOf(body: unknown): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>);
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  return buffer(body as AsyncIterable<Uint8Array>);
}
