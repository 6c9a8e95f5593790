import { type OperationSchema, requiredMembers, type ServiceSchemas } from "./sdk-schemas.ts";
import type { WireRequest } from "./wire.ts";

/** What an S3 request is about, from its host (`BUCKET.s3.REGION.amazonaws.com`) or its path. */
export interface S3Target {
  bucket: string | undefined;
  key: string | undefined;
}

const virtualHost = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/;

export function s3TargetOf({ host, path }: Pick<WireRequest, "host" | "path">): S3Target {
  const bucketOfHost = virtualHost.exec(host.replace(/:\d+$/, ""))?.[1];
  const parts = path.slice(1).split("/");
  const bucket = bucketOfHost ?? parts.shift();
  const key = parts.join("/");
  return {
    bucket: bucket === "" || bucket === undefined ? undefined : decodeURIComponent(bucket),
    key: key === "" ? undefined : decodeURIComponent(key),
  };
}

/**
 * Finds the operation by method, by what the request is about, and by the query and header names that tell operations of
 * one path apart (`?uploads`, `?uploadId=`, `x-amz-copy-source`): of all that fit, the one that asks for most.
 */
export function routeS3(request: WireRequest, schemas: ServiceSchemas): string | undefined {
  const target = s3TargetOf(request);
  let best: { name: string; weight: number } | undefined;
  for (const name of schemas.operationNames) {
    const operation = schemas.findOperation(name);
    const weight = operation === undefined ? undefined : weightOf(operation, request, target);
    if (weight !== undefined && weight > (best?.weight ?? -1)) best = { name, weight };
  }
  return best?.name;
}

/** How many of a request's marks the operation asks for; undefined where it does not fit. */
function weightOf({ name, http, input }: OperationSchema, request: WireRequest, target: S3Target): number | undefined {
  const [method, template] = http ?? [];
  // ListDirectoryBuckets differs from ListBuckets in its host alone, which is none of ours.
  if (method !== request.method || template === undefined || name === "ListDirectoryBuckets") return undefined;
  const required = requiredMembers(input);
  if (!isAbout(template, required, target)) return undefined;
  const marks = [...literalMarks(template, request), ...memberMarks(input, required, request)];
  return marks.includes(undefined) ? undefined : marks.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
}

function isAbout(template: string, required: string[], target: S3Target): boolean {
  const needsKey = template.startsWith("/{Key+}");
  if (!needsKey && !template.startsWith("/?") && template !== "/") return false;
  return needsKey === (target.key !== undefined) && required.includes("Bucket") === (target.bucket !== undefined);
}

/** `x-id` is sent by the SDK for JavaScript alone, so it may be missing. */
function literalMarks(template: string, { query }: WireRequest): (number | undefined)[] {
  return [...new URLSearchParams(template.split("?")[1] ?? "")].map(([name, value]) => {
    if (name === "x-id") return query.get(name) === value ? 1 : 0;
    return query.has(name) && (value === "" || query.get(name) === value) ? 10 : undefined;
  });
}

function memberMarks(
  input: OperationSchema["input"],
  required: string[],
  request: WireRequest,
): (number | undefined)[] {
  return required.map((member) => {
    const { httpQuery, httpHeader } = input.getMemberSchema(member).getMergedTraits();
    if (typeof httpQuery === "string") return request.query.has(httpQuery) ? 10 : undefined;
    if (typeof httpHeader === "string") return request.headers[httpHeader.toLowerCase()] === undefined ? undefined : 10;
    return 0;
  });
}
