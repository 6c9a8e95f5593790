import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { BuildLogSink } from "../collaborators.ts";
import type { BuildRun } from "../run/build-run.ts";

/**
 * `logsConfig.s3Logs`: the whole log as one compressed object, `LOCATION/UUID.gz`, written by the build's role when the
 * build ends. It is gathered in a file as it is, and compressed when the build has ended: what a compressor is given faster than
 * it works, it would keep in memory. A role that may not write it, or a
 * bucket that is not there, costs the log and not the build.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html
 */
export async function openS3Log(run: BuildRun, location: string): Promise<BuildLogSink> {
  const { collaborators } = run;
  const directory = await mkdtemp(join(collaborators.sources.temporaryDirectory, "chubo-log-"));
  const path = join(directory, "log");
  const file = openSync(path, "w", 0o600);
  let failure: unknown;
  return {
    write(text) {
      if (failure !== undefined) return;
      try {
        writeSync(file, text);
      } catch (error) {
        // A disk that fills up is told of at the end.
        failure = error;
      }
    },
    async close() {
      closeSync(file);
      const gzip = createGzip({ level: 1 });
      try {
        if (failure !== undefined) throw failure;
        const compressed = pipeline(createReadStream(path), gzip);
        // Where the object is refused, nobody reads on.
        compressed.catch(() => undefined);
        await upload(run, location, gzip);
      } catch (error) {
        if (error instanceof Error && "syscall" in error) refuse(run, location, error);
        else throw error;
      } finally {
        gzip.destroy();
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

async function upload(run: BuildRun, location: string, Body: Readable): Promise<void> {
  const { collaborators, credential } = run;
  const [Bucket, ...key] = location.split("/");
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  const input = { Bucket, Key: key.join("/"), Body, ContentType: "text/plain", ContentEncoding: "gzip" };
  try {
    await collaborators.call("s3", "PutObject", input, credential.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    refuse(run, location, error);
  }
}

function refuse({ collaborators, build }: BuildRun, location: string, { message }: Error): void {
  collaborators.observer.onNote(build, `the build's log is not in s3://${location}: ${message}`);
}

/** One log in two places. */
export function bothLogs(one: BuildLogSink, other: BuildLogSink): BuildLogSink {
  return {
    write(text, time) {
      one.write(text, time);
      other.write(text, time);
    },
    async close() {
      await Promise.all([one.close(), other.close()]);
    },
  };
}
