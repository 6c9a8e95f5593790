import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import type { GetParameterCommandOutput, GetParametersCommandOutput, Parameter } from "@aws-sdk/client-ssm";
import type { AwsApi } from "../aws-api/aws-api.ts";
import { AwsError } from "../aws-api/aws-error.ts";
import type { StackCaller } from "../services/cloudformation/stack.ts";
import type { DynamicReferenceSource } from "../template/dynamic-reference.ts";
import { UsageError } from "../usage-error.ts";

/** Reads `{{resolve:secretsmanager:…}}` and `{{resolve:ssm:…}}` in the name of the stack's caller. */
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
    async readParameter(name, version) {
      const input = { Name: version === undefined ? name : `${name}:${version}` };
      const output = await api.call<GetParameterCommandOutput>("ssm", "GetParameter", input, principal, region);
      return plainValue(name, output.Parameter);
    },
  };
}

/** The value of a template's parameter of type AWS::SSM::Parameter::Value<…>; undefined where it is not there. */
export async function findStoredParameter(
  api: AwsApi,
  name: string,
  { principal, region }: StackCaller,
): Promise<string | undefined> {
  const input = { Names: [name] };
  const output = await api.call<GetParametersCommandOutput>("ssm", "GetParameters", input, principal, region);
  const [parameter] = output.Parameters ?? [];
  return parameter === undefined ? undefined : plainValue(name, parameter);
}

function plainValue(name: string, parameter: Parameter | undefined): string {
  if (parameter?.Type !== "SecureString") return parameter?.Value ?? "";
  const message = `Parameters [${name}] referenced by template have types not supported by CloudFormation.`;
  throw new UsageError("TEMPLATE_PARAMETER", message, {
    hint: "a SecureString is for builds to read, not for templates",
  });
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
