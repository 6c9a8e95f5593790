import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { ContentUnavailable } from "./pulled-content.ts";

export interface S3ObjectsOptions {
  bucket: string;
  /** The SDK's default where absent: `AWS_REGION`, the profile. */
  region?: string | undefined;
  /** Of a service other than Amazon's own; the SDK's default where absent: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`. */
  endpoint?: string | undefined;
  /** `https://ENDPOINT/BUCKET/KEY`; as few services but Amazon's do otherwise, it is on where an endpoint is given. */
  pathStyle?: boolean | undefined;
  /** Milliseconds for the beginning of an answer, parts aside; 5 s where absent. Each request is tried three times. */
  answerWithin?: number | undefined;
  /** The SDK's default chain where absent. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
}

export interface S3Object {
  body: Buffer;
  contentType: string;
  etag: string;
}

/** `none`: there must be no object yet; else the ETag of the one that is replaced. */
export interface S3WriteOptions {
  contentType?: string;
  replaces?: string | "none" | undefined;
}

/**
 * The few things that a gateway does with one bucket. What is not there is undefined; every other failure, a denied
 * request and a missing bucket among them, is ContentUnavailable. S3 answers 404 for a missing key only to whom may list
 * the bucket, and 403 to others.
 */
export interface S3Objects {
  get(key: string): Promise<S3Object | undefined>;
  /** Size in bytes. */
  head(key: string): Promise<number | undefined>;
  /** `end` is inclusive. */
  stream(key: string, range?: { start: number; end: number }): Promise<Readable | undefined>;
  /** False where `replaces` does not hold. */
  put(key: string, body: Uint8Array, options?: S3WriteOptions): Promise<boolean>;
  delete(key: string): Promise<void>;
  startUpload(key: string): Promise<S3Upload>;
  /** A URL that anybody may read the object by for `seconds`. */
  presign(key: string, seconds: number): Promise<string>;
  close(): void;
}

/** Nothing of it is visible before `complete`. */
export interface S3Upload {
  /** Numbers from 1 on, in any order; all but the last at least 5 MiB. */
  part(number: number, body: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

/** Milliseconds. An answer may take as long as a part of 8 MiB takes to send. */
const timeouts = { connectionTimeout: 2000, requestTimeout: 30_000, socketTimeout: 30_000 };

/** Bytes that are sent in no time. */
const smallBody = 64 * 1024;

type Sdk = typeof import("@aws-sdk/client-s3");

interface Bucket {
  name: string;
  /** For requests whose answer needs no time. */
  quick: { requestTimeout: number };
  load(): Promise<{ sdk: Sdk; client: S3Client }>;
  /** Undefined where the key is not there. */
  ask<T>(work: (sdk: Sdk, client: S3Client) => Promise<T>): Promise<T | undefined>;
}

/** The SDK is loaded at the first use. */
export function openS3Objects(options: S3ObjectsOptions): S3Objects {
  const { bucket: name, answerWithin: requestTimeout = 5000 } = options;
  let loaded: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  function load() {
    loaded ??= import("@aws-sdk/client-s3").then((sdk) => ({ sdk, client: createClient(sdk, options) }));
    return loaded;
  }
  const bucket: Bucket = {
    name,
    quick: { requestTimeout },
    load,
    async ask(work) {
      const { sdk, client } = await load();
      try {
        return await work(sdk, client);
      } catch (error) {
        if (error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound")) return undefined;
        throw unavailable(error, name);
      }
    },
  };
  return {
    ...readVerbs(bucket),
    ...writeVerbs(bucket),
    close() {
      loaded?.then(({ client }) => client.destroy()).catch(() => undefined);
    },
  };
}

function readVerbs({ name: Bucket, quick, load, ask }: Bucket): Pick<S3Objects, "get" | "head" | "stream" | "presign"> {
  return {
    get: (Key) =>
      ask(async (sdk, client) => {
        const answer = await client.send(new sdk.GetObjectCommand({ Bucket, Key }), quick);
        const body = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
        return { body, contentType: answer.ContentType ?? "", etag: answer.ETag ?? "" };
      }),
    head: (Key) =>
      ask(async (sdk, client) => {
        const { ContentLength = 0 } = await client.send(new sdk.HeadObjectCommand({ Bucket, Key }), quick);
        return ContentLength;
      }),
    stream: (Key, range) =>
      ask(async (sdk, client) => {
        const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
        return (await client.send(new sdk.GetObjectCommand({ Bucket, Key, ...Range }), quick)).Body as Readable;
      }),
    async presign(Key, expiresIn) {
      const { sdk, client } = await load();
      const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
      const read = new sdk.GetObjectCommand({ Bucket, Key });
      // It asks nobody but, at times, for credentials.
      return getSignedUrl(client, read, { expiresIn }).catch((error: unknown) => {
        throw unavailable(error, Bucket);
      });
    },
  };
}

function writeVerbs({ name: Bucket, quick, load, ask }: Bucket): Pick<S3Objects, "put" | "delete" | "startUpload"> {
  async function write(Key: string, Body: Uint8Array, { contentType, replaces }: S3WriteOptions): Promise<void> {
    const { sdk, client } = await load();
    const condition = replaces === undefined ? {} : replaces === "none" ? { IfNoneMatch: "*" } : { IfMatch: replaces };
    const type = contentType === undefined ? {} : { ContentType: contentType };
    const command = new sdk.PutObjectCommand({ Bucket, Key, Body, ...type, ...condition });
    await client.send(command, Body.byteLength > smallBody ? {} : quick);
  }
  async function put(key: string, body: Uint8Array, given: S3WriteOptions = {}): Promise<boolean> {
    try {
      await write(key, body, given);
      return true;
    } catch (error) {
      if (given.replaces !== undefined && isLostRace(error)) return false;
      if (given.replaces === undefined || statusOf(error) !== 501) throw unavailable(error, Bucket);
      // A service without conditional writes: the last writer wins.
      return put(key, body, { ...given, replaces: undefined });
    }
  }
  return {
    put,
    async delete(Key) {
      await ask((sdk, client) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key }), quick));
    },
    async startUpload(Key) {
      const { sdk, client } = await load();
      return startUpload(sdk, client, { Bucket, Key });
    },
  };
}

function createClient(sdk: Sdk, { region, endpoint, pathStyle, credentials }: S3ObjectsOptions): S3Client {
  return new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    // Services other than Amazon's may not know the newer checksums. Each body's SHA-256 is part of the signature anyway.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 3,
    requestHandler: { ...timeouts, throwOnRequestTimeout: true, httpAgent: sockets, httpsAgent: sockets },
  });
}

const sockets = { keepAlive: true, maxSockets: 128 };

async function startUpload(sdk: Sdk, client: S3Client, object: { Bucket: string; Key: string }): Promise<S3Upload> {
  const mapped = <T>(answer: Promise<T>) =>
    answer.catch((error: unknown) => {
      throw unavailable(error, object.Bucket);
    });
  const { UploadId } = await mapped(client.send(new sdk.CreateMultipartUploadCommand(object)));
  const upload = { ...object, UploadId };
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  return {
    async part(PartNumber, Body) {
      const { ETag } = await mapped(client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body })));
      parts.push({ PartNumber, ETag });
    },
    async complete() {
      const Parts = parts.toSorted((one, other) => one.PartNumber - other.PartNumber);
      await mapped(client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })));
    },
    async abort() {
      await mapped(client.send(new sdk.AbortMultipartUploadCommand(upload)));
    },
  };
}

/** 412, or 409 where two conditional writes met; 404 where the one to replace has gone meanwhile. */
function isLostRace(error: unknown): boolean {
  const { name } = error as { name?: string };
  return statusOf(error) === 412 || name === "ConditionalRequestConflict" || name === "NoSuchKey";
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function unavailable(cause: unknown, bucket: string): ContentUnavailable {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  const said = [name === "Error" ? code : name, message].filter((part) => part !== undefined && part !== "").join(": ");
  return new ContentUnavailable(`the bucket ${bucket} cannot be used: ${said}`, { cause });
}
