import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { BuildLogSink } from "../collaborators.ts";
import type { BuildRun } from "../run/build-run.ts";

/**
 * `logsConfig.s3Logs`: the whole log as one compressed object, `LOCATION/UUID.gz`, written by the build's role when the
 * build ends. It is gathered in a file, so that a long one takes no memory until then. A role that may not write it, or a
 * bucket that is not there, costs the log and not the build.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html
 */
export async function openS3Log(run: BuildRun, location: string): Promise<BuildLogSink> {
  const { collaborators } = run;
  const directory = await mkdtemp(join(collaborators.sources.temporaryDirectory, "chubo-log-"));
  const path = join(directory, "log.gz");
  const gzip = createGzip({ level: 1 });
  const written = pipeline(gzip, createWriteStream(path, { mode: 0o600 }));
  // A disk that fills up is told of at the end.
  written.catch(() => undefined);
  return {
    write: (text) => void gzip.write(text),
    async close() {
      try {
        gzip.end();
        await written;
        await upload(run, location, await readFile(path));
      } catch (error) {
        if (error instanceof Error && "syscall" in error) refuse(run, location, error);
        else throw error;
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

async function upload(run: BuildRun, location: string, Body: Buffer): Promise<void> {
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
