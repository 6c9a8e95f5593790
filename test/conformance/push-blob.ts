// The ways to push a blob: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
import assert from "node:assert/strict";
import { expectStatus, locationOf, withQuery } from "./conformance-group.ts";
import type { TestBlob } from "./data-sets.ts";
import type { Answer, RegistryClient } from "./registry-client.ts";

export type BlobPush = (registry: RegistryClient, repository: string, blob: TestBlob) => Promise<Answer>;

export async function startUpload(registry: RegistryClient, repository: string, blob: TestBlob): Promise<string> {
  const algorithm = blob.digest.split(":")[0] as string;
  const started = await registry.send("POST", withAlgorithm(`${repository}/blobs/uploads/`, algorithm));
  expectStatus(started, 202);
  return locationOf(started);
}

/** The parameter is for registries that must know the algorithm at the beginning; sha256 needs none. */
function withAlgorithm(path: string, algorithm: string): string {
  return algorithm === "sha256" ? path : withQuery(path, "digest-algorithm", algorithm);
}

export function putBlob(
  registry: RegistryClient,
  location: string,
  { digest }: Pick<TestBlob, "digest">,
  body: Buffer = Buffer.alloc(0),
  start?: number,
): Promise<Answer> {
  return registry.send("PUT", withQuery(location, "digest", digest), { body, headers: chunkHeaders(body, start) });
}

export function patchChunk(registry: RegistryClient, location: string, body: Buffer, start: number): Promise<Answer> {
  return registry.send("PATCH", location, { body, headers: chunkHeaders(body, start) });
}

function chunkHeaders(body: Buffer, start: number | undefined) {
  return {
    "content-type": "application/octet-stream",
    ...(start === undefined ? {} : { "content-range": `${start}-${start + body.byteLength - 1}` }),
  };
}

async function pushInChunks(
  registry: RegistryClient,
  repository: string,
  blob: TestBlob,
  count: number,
  isLastPut: boolean,
): Promise<Answer> {
  let location = await startUpload(registry, repository, blob);
  const size = Math.ceil(blob.body.byteLength / count);
  for (let start = 0; start < blob.body.byteLength; start += size) {
    const chunk = blob.body.subarray(start, start + size);
    if (isLastPut && start + size >= blob.body.byteLength) return putBlob(registry, location, blob, chunk, start);
    const answer = await patchChunk(registry, location, chunk, start);
    expectStatus(answer, 202);
    // Registries before 1.1 may write a unit before it.
    assert.equal(answer.headers.range?.replace("bytes=", ""), `0-${start + chunk.byteLength - 1}`);
    location = locationOf(answer);
  }
  return putBlob(registry, location, blob);
}

/** By the case table's names. */
export const blobPushes = {
  async "post only"(registry, repository, blob) {
    const path = withQuery(`${repository}/blobs/uploads/`, "digest", blob.digest);
    const headers = { "content-type": "application/octet-stream" };
    const answer = await registry.send("POST", path, { body: blob.body, headers });
    // A registry may not know this way; the upload then goes on as any other.
    return answer.status === 202 ? putBlob(registry, locationOf(answer), blob, blob.body) : answer;
  },
  async "post+put"(registry, repository, blob) {
    return putBlob(registry, await startUpload(registry, repository, blob), blob, blob.body);
  },
  "chunked single": (registry, repository, blob) => pushInChunks(registry, repository, blob, 1, false),
  "chunked multi": (registry, repository, blob) => pushInChunks(registry, repository, blob, 3, false),
  "chunked multi and put chunk": (registry, repository, blob) => pushInChunks(registry, repository, blob, 3, true),
  async stream(registry, repository, blob) {
    const location = await startUpload(registry, repository, blob);
    const half = Math.floor(blob.body.byteLength / 2);
    const body = [blob.body.subarray(0, half), blob.body.subarray(half)];
    const answer = await registry.send("PATCH", location, { body });
    expectStatus(answer, 202);
    return putBlob(registry, locationOf(answer), blob);
  },
} satisfies Record<string, BlobPush>;

/** Pushes in the way that every registry knows. */
export async function pushBlob(registry: RegistryClient, repository: string, blob: TestBlob): Promise<void> {
  expectCreated(await blobPushes["post+put"](registry, repository, blob), blob);
}

export function expectCreated(answer: Answer, { digest }: Pick<TestBlob, "digest">): void {
  expectStatus(answer, 201);
  locationOf(answer);
  const told = answer.headers["docker-content-digest"];
  // It may be that of another algorithm; ours must be the one that was asked for where it is the same.
  if (typeof told === "string" && told.split(":")[0] === digest.split(":")[0]) assert.equal(told, digest);
}
