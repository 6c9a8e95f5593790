import { serviceTable } from "./sdk-schemas.ts";

export interface AwsHost {
  service: string;
  /** Of a virtual-host style S3 address. */
  bucket?: string;
}

const domains = [".amazonaws.com", ".api.aws"];
const regionPattern = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;
const legacyS3Pattern = /^s3-[a-z]{2}(?:-[a-z]+)+-\d+$/;

/**
 * The service behind a host name of AWS: `sts.amazonaws.com`, `api.ecr.REGION.amazonaws.com`,
 * `BUCKET.s3.dualstack.REGION.amazonaws.com`, `secretsmanager-fips.REGION.amazonaws.com`. Undefined for other hosts and
 * for services that are not in the table.
 */
export function parseAwsHost(host: string): AwsHost | undefined {
  const name = withoutPort(host);
  const domain = domains.find((suffix) => name.endsWith(suffix));
  if (domain === undefined) return undefined;
  const labels = name.slice(0, -domain.length).split(".");
  if (regionPattern.test(labels.at(-1) ?? "")) labels.pop();
  if (labels.at(-1) === "dualstack") labels.pop();
  const last = labels.at(-1) ?? "";
  if (last === "s3" || legacyS3Pattern.test(last)) {
    const bucket = labels.slice(0, -1).join(".");
    return bucket === "" ? { service: "s3" } : { service: "s3", bucket };
  }
  const label = labels.join(".").replace(/-fips$/, "");
  const service = Object.entries(serviceTable).find(([key, row]) => label === key || label === row.hostLabel)?.[0];
  return service === undefined ? undefined : { service };
}

/** The service that answers for an AWS host name, of those given; all of the table's without an argument. */
export function servedAwsHost(host: string, services?: readonly string[]): string | undefined {
  const service = parseAwsHost(host)?.service;
  return service === undefined || (services !== undefined && !services.includes(service)) ? undefined : service;
}

/** The bucket in a host name: of S3's own hosts, and of `BUCKET.localhost`, which SDKs make from an endpoint URL. */
export function bucketOfHost(host: string): string | undefined {
  const local = /^(.+?)(?:\.s3)?\.localhost$/.exec(withoutPort(host))?.[1];
  return local === undefined ? parseAwsHost(host)?.bucket : local === "s3" ? undefined : local;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
