import { createHash } from "node:crypto";
import { createWriteStream, realpathSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CacheBlock } from "../../../buildspec/buildspec.ts";
import { evaluateTexts } from "../artifacts/evaluate-block.ts";
import { readFile } from "../artifacts/read-artifact-file.ts";
import type { BuildRun } from "../run/build-run.ts";
import type { CachePath } from "./cache-path.ts";
import type { CacheStage } from "./cache-stage.ts";

/** A cache in S3, as the role reads and writes it. What fails is told in the log, and fails no build. */
export interface S3Cache {
  restore(): Promise<void>;
  save(): Promise<void>;
}

/**
 * Objects are named `LOCATION/NAMESPACE/VERSION[/KEY]`, where the version stands for the paths, as on AWS. With a key an object
 * is never written anew; without one every build replaces it. How AWS names them is not known.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html
 */
export async function openS3Cache(
  run: BuildRun,
  { block, paths, stage }: { block: CacheBlock; paths: readonly CachePath[]; stage: CacheStage },
): Promise<S3Cache> {
  const { build, log } = run;
  const { location = "", cacheNamespace = build.projectName } = build.cache ?? {};
  const [bucket, ...prefix] = location.split("/").filter((part) => part !== "");
  const version = createHash("sha256")
    .update(JSON.stringify(paths.map(({ text }) => text).sort()))
    .digest("hex")
    .slice(0, 16);
  const generation = build.cacheGeneration === undefined ? [] : [String(build.cacheGeneration)];
  const folder = [...prefix, cacheNamespace, ...generation, version].join("/");
  const [key, ...fallbackKeys] =
    block.key === undefined ? [] : await evaluateTexts(run, [block.key, ...block.fallbackKeys]);
  const name = key === undefined ? folder : `${folder}/${key}`;
  const call = <Output>(operation: string, input: object): Promise<Output> => {
    if (run.credential === undefined) throw new Error("no role before PROVISIONING");
    return run.collaborators.call<Output>("s3", operation, { Bucket: bucket, ...input }, run.credential.principal);
  };
  async function findName(): Promise<string> {
    for (const fallback of fallbackKeys) {
      const listed = await call<{ Contents?: Found[] }>("ListObjectsV2", { Prefix: `${folder}/${fallback}` });
      const [newest] = (listed.Contents ?? []).toSorted((one, other) => timeOf(other) - timeOf(one));
      if (newest?.Key !== undefined) return newest.Key;
    }
    return name;
  }
  const read = (Key: string) => call<{ Body?: Uint8Array | Readable }>("GetObject", { Key });
  return {
    async restore() {
      log.line("Downloading S3 cache...");
      await orTell(run, "download", async () => {
        const { Body } = await read(name).catch(async (error: unknown) => {
          if (!isMissing(error) || fallbackKeys.length === 0) throw error;
          return read(await findName());
        });
        rmSync(stage.archive, { force: true });
        const body = Body instanceof Uint8Array ? Readable.from([Body]) : (Body ?? Readable.from([]));
        await pipeline(body, createWriteStream(stage.archive, { flags: "wx", mode: 0o600 }));
        log.line("Unarchiving cache...");
        await stage.unpack(paths);
      });
    },
    async save() {
      log.line("Uploading S3 cache...");
      await orTell(run, "upload", async () => {
        if (!(await stage.pack(paths))) throw new Error("no files to be cached");
        const { content } = readFile({ name: "cache.tgz", path: stage.archive }, realpathSync(stage.trusted));
        const Body = Buffer.isBuffer(content) ? content : Readable.from(content, { objectMode: false });
        // AWS never changes a cache that has a key.
        await call("PutObject", { Key: name, Body, ...(key !== undefined && { IfNoneMatch: "*" }) });
      });
    },
  };
}

interface Found {
  Key?: string;
  LastModified?: Date;
}

function timeOf({ LastModified }: Found): number {
  return LastModified?.getTime() ?? 0;
}

function isMissing(error: unknown): boolean {
  return error instanceof AwsError && error.name === "NoSuchKey";
}

async function orTell({ log, signal }: BuildRun, verb: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = error as Error;
    if (name === "PreconditionFailed") log.line("Cache with this key exists already; it is not written anew");
    else log.line(`Unable to ${verb} cache: ${error instanceof AwsError ? `${name}: ` : ""}${message}`);
  }
}
