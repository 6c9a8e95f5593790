import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-error.ts";
import { wireQuery } from "./read-wire-request.ts";
import { serviceTable } from "./sdk-schemas.ts";
import { findSignature } from "./sigv4.ts";

/** True for what only an AWS client sends: a SigV4 signature in a header or in the query. */
export function isAwsRequest(request: IncomingMessage): boolean {
  return signatureOf(request) !== undefined;
}

/** The service of a request, by the scope of its signature; for an unsigned one by its host. */
export function identifyService(request: IncomingMessage): string {
  const signature = signatureOf(request);
  const scope = signature?.service;
  const byScope = Object.entries(serviceTable).find(([name, row]) => (row.signingName ?? name) === scope)?.[0];
  const name = byScope ?? scope ?? servedAwsHost(request.headers.host ?? "");
  if (name !== undefined) return name;
  throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", { statusCode: 403 });
}

/**
 * The service behind an AWS host name, for the hosts that are answered here: `sts.amazonaws.com`,
 * `api.ecr.REGION.amazonaws.com`, `BUCKET.s3.REGION.amazonaws.com`.
 */
export function servedAwsHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (!name.endsWith(".amazonaws.com")) return undefined;
  const labels = name.slice(0, -".amazonaws.com".length);
  for (const [service, row] of Object.entries(serviceTable)) {
    const label = (row.hostLabel ?? service).replaceAll(".", "\\.");
    const buckets = service === "s3" ? "(?:.+\\.)?" : "";
    if (new RegExp(`^${buckets}${label}(?:[.-](?:dualstack\\.)?[a-z]{2}(?:-[a-z]+)+-\\d)?$`).test(labels))
      return service;
  }
  return undefined;
}

function signatureOf(request: IncomingMessage) {
  const authorization = request.headers.authorization;
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return findSignature({ headers, query: wireQuery(request) });
}
