import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import type { AwsApi } from "../aws-api/aws-api.ts";
import { AwsError } from "../aws-api/aws-error.ts";
import type { StackCaller } from "../services/cloudformation/stack.ts";
import type { DynamicReferenceSource } from "../template/dynamic-reference.ts";

/** Reads `{{resolve:secretsmanager:…}}` in the name of the stack's caller. There is no Parameter Store yet. */
export function dynamicReferences(api: AwsApi, { principal, region }: StackCaller): DynamicReferenceSource {
  return {
    async readSecretString(SecretId, { stage, id }) {
      const input = { SecretId, ...(stage && { VersionStage: stage }), ...(id && { VersionId: id }) };
      const output = await api.call<GetSecretValueCommandOutput>(
        "secretsmanager",
        "GetSecretValue",
        input,
        principal,
        region,
      );
      const { SecretString } = output;
      if (SecretString !== undefined) return SecretString;
      throw new AwsError("InvalidRequestException", `The secret ${SecretId} has no SecretString`);
    },
  };
}

/**
 * The template behind an S3 URL of any style: `https://BUCKET.s3.REGION.amazonaws.com/KEY`,
 * `https://s3.REGION.amazonaws.com/BUCKET/KEY`, and a path below this server's own address.
 */
export async function readTemplateUrl(api: AwsApi, url: string, { principal, region }: StackCaller): Promise<string> {
  const target = parseTemplateUrl(url);
  if (target === undefined) {
    throw new AwsError("ValidationError", "TemplateURL must be a supported URL: one of an object in S3");
  }
  const { Body } = await api.call<GetObjectCommandOutput>("s3", "GetObject", target, principal, region);
  const chunks: Uint8Array[] = [];
  for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export function parseTemplateUrl(url: string): { Bucket: string; Key: string; VersionId?: string } | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  const path = decodeURIComponent(parsed.pathname.slice(1));
  const [, bucketOfHost] = /^(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com$/.exec(parsed.hostname) ?? [];
  const [, bucketOfPath, keyOfPath] = /^([^/]+)\/(.+)$/s.exec(path) ?? [];
  const Bucket = bucketOfHost ?? bucketOfPath;
  const Key = bucketOfHost === undefined ? keyOfPath : path;
  const VersionId = parsed.searchParams.get("versionId");
  if (Bucket === undefined || Key === undefined || Key === "") return undefined;
  return { Bucket, Key, ...(VersionId !== null && { VersionId }) };
}
