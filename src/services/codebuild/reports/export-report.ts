import { readFile } from "node:fs/promises";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { BuildRun } from "../run/build-run.ts";
import type { ReportRecord } from "./report.ts";
import type { FoundFile } from "./walk-files.ts";

/**
 * Puts a report's raw files where its group says, as the build's role: `PATH/GROUP/UUID/FILE`, or one zip of that name. Below
 * PATH, AWS's own layout is not documented. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_S3ReportExportConfig.html
 */
export async function exportReport(run: BuildRun, report: ReportRecord, files: readonly FoundFile[]): Promise<void> {
  const { exportConfigType, s3Destination } = report.exportConfig;
  if (exportConfigType !== "S3" || s3Destination?.bucket === undefined) return;
  const path = (s3Destination.path ?? "").split("/").filter((part) => part !== "");
  const prefix = [...path, ...report.id.split(":")].join("/");
  const put = (Key: string, Body: Buffer) => putObject(run, { Bucket: s3Destination.bucket, Key, Body });
  if (s3Destination.packaging === "ZIP") return put(`${prefix}.zip`, await zipOf(files));
  for (const { name, path: file } of files) await put(`${prefix}/${name}`, await readFile(file));
}

async function zipOf(files: readonly FoundFile[]): Promise<Buffer> {
  const [{ ZipFile }, { buffer }] = await Promise.all([import("yazl"), import("node:stream/consumers")]);
  const zip = new ZipFile();
  for (const { name, path } of files) zip.addBuffer(await readFile(path), name);
  zip.end();
  return buffer(zip.outputStream);
}

async function putObject({ collaborators, credential }: BuildRun, input: object): Promise<void> {
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  try {
    await collaborators.call("s3", "PutObject", input, credential.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(error.name, `the raw data cannot be exported: ${error.message}`, { cause: error });
  }
}
