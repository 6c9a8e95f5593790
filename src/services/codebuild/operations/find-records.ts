import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext, Permission } from "../../../aws-api/service.ts";
import type { BatchRecord } from "../batch/batch.ts";
import type { BuildRecord } from "../build.ts";
import type { CodeBuildStore } from "../codebuild-store.ts";
import type { ProjectRecord } from "../project.ts";
import { checkRange } from "./constraint.ts";
import { invalid } from "./project-input.ts";

/** Projects and builds are named by name, ID or ARN. */
export function projectNameOf(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:.*:project\//, "");
}

export function buildIdOf(idOrArn: string): string {
  return idOrArn.replace(/^arn:.*:build\//, "");
}

export function batchIdOf(idOrArn: string): string {
  return idOrArn.replace(/^arn:.*:build-batch\//, "");
}

/** Throws ResourceNotFoundException. */
export function getProject(store: CodeBuildStore, name: string | undefined): ProjectRecord {
  const project = store.projects.get(projectNameOf(name ?? ""));
  if (project === undefined) throw notFound(`Project cannot be found: ${name ?? "none is named"}`);
  return project;
}

/** Throws ResourceNotFoundException. */
export function getBuild(store: CodeBuildStore, id: string | undefined): BuildRecord {
  const build = store.builds.get(buildIdOf(id ?? ""));
  if (build === undefined) throw notFound(`Build does not exist: ${id ?? "none is named"}`);
  return build;
}

/** Throws ResourceNotFoundException. */
export function getBatch(store: CodeBuildStore, id: string | undefined): BatchRecord {
  const batch = store.batches.get(batchIdOf(id ?? ""));
  if (batch === undefined) throw notFound(`Build batch does not exist: ${id ?? "none is named"}`);
  return batch;
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

export function onProject(operation: string, name: string | undefined, context: CallContext): Permission[] {
  const { region, account } = context;
  const resource = `arn:aws:codebuild:${region}:${account}:project/${projectNameOf(name ?? "")}`;
  return [{ action: `codebuild:${operation}`, resource }];
}

/** Permissions on builds are permissions on their project. */
export function onBuild(operation: string, id: string | undefined, context: CallContext): Permission[] {
  return onProject(operation, batchIdOf(buildIdOf(id ?? "")).replace(/:[^:]*$/, ""), context);
}

export function lookUp<T>(keys: readonly string[] | undefined, find: (key: string) => T | undefined) {
  const found: T[] = [];
  const missing: string[] = [];
  for (const key of new Set(keys)) {
    const record = find(key);
    if (record === undefined) missing.push(key);
    else found.push(record);
  }
  return { found, missing };
}

const largestPage = 100;

/** CodeBuild lists a hundred names at a time. The token is the last name of the page before. */
export function pageOf(
  names: readonly string[],
  nextToken: string | undefined,
  pageSize = largestPage,
): { page: string[]; next?: string } {
  const start = nextToken === undefined ? 0 : names.indexOf(nextToken) + 1;
  if (nextToken !== undefined && start === 0) throw invalid("Invalid nextToken");
  const page = names.slice(start, start + pageSize);
  const last = page.at(-1);
  return { page, ...(last === undefined || start + pageSize >= names.length ? {} : { next: last }) };
}

/** A page of at most 100 items; the token is the place in the list. */
export function takePage<Item>(
  items: readonly Item[],
  { maxResults, nextToken: token }: { maxResults?: number | undefined; nextToken?: string | undefined },
): { items: Item[]; nextToken?: string } {
  checkRange(maxResults, "maxResults", 1, largestPage);
  const place = token === undefined ? "0" : Buffer.from(token, "base64url").toString();
  if (!/^\d{1,9}$/.test(place)) throw invalid("Invalid nextToken");
  const end = Number(place) + (maxResults ?? largestPage);
  const page = items.slice(Number(place), end);
  return end < items.length
    ? { items: page, nextToken: Buffer.from(String(end)).toString("base64url") }
    : { items: page };
}
