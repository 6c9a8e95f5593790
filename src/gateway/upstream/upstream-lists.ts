import { algorithmOf, type Digest, isDigest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";
import type { Referrer } from "../../registry/registry-content.ts";
import { isMissing } from "./missing-reply.ts";
import { readJsonPage, readJsonPages } from "./read-json-page.ts";
import type { UpstreamQuestion } from "./upstream-asker.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { getManifest, headManifest } from "./upstream-manifests.ts";
import type { UpstreamSession } from "./upstream-session.ts";

export async function listTags(
  session: UpstreamSession,
  repository: string,
  { last, limit }: { last?: string; limit?: number },
): Promise<{ tags: string[]; isTruncated: boolean } | undefined> {
  const query = new URLSearchParams({
    ...(limit === undefined ? {} : { n: String(limit) }),
    ...(last === undefined ? {} : { last }),
  });
  const path = `/v2/${repository}/tags/list${query.size === 0 ? "" : `?${query}`}`;
  const question = { ...listQuestion("tags", path, repository), headers: { accept: "application/json" } };
  if (limit === undefined) {
    const pages = await readJsonPages(session, question);
    if (pages === undefined) return undefined;
    const tags = pages.flatMap((fields) => readTags(session.name, fields));
    return { tags: withoutSeen(tags, last), isTruncated: false };
  }
  const page = await readJsonPage(session, question);
  if (page === undefined) return undefined;
  const tags = withoutSeen(readTags(session.name, page.fields), last);
  return { tags: tags.slice(0, limit), isTruncated: page.next !== undefined || tags.length > limit };
}

/** A registry that knows no `last` begins at the beginning again. */
function withoutSeen(tags: string[], last: string | undefined): string[] {
  return last === undefined ? tags : tags.slice(tags.indexOf(last) + 1);
}

/** Some say null for none. */
function readTags(name: string, { tags }: Record<string, unknown>): string[] {
  const list = tags ?? [];
  if (Array.isArray(list) && list.every((tag) => typeof tag === "string")) return list;
  throw new UpstreamFailure("faulty", `${name} answers a list of tags that is none`);
}

/** By the referrers API, or by the tag that stands in for it where a registry has none. */
export async function listReferrers(
  session: UpstreamSession,
  repository: string,
  subject: Digest,
): Promise<Referrer[]> {
  const path = `/v2/${repository}/referrers/${subject}`;
  const question = { ...listQuestion("referrers", path, repository), reference: subject };
  // Where there is no such API, the 404 may be its web server's page: then the tag's answer tells what it is worth.
  const pages = await readJsonPages(session, question, (name, reply) => reply.status === 404 || isMissing(name, reply));
  if (pages !== undefined) return pages.flatMap(readReferrers);
  // A HEAD first: most images have no such tag, and a GET is counted.
  const tag = fallbackTag(subject);
  if ((await headManifest(session, repository, tag)) === undefined) return [];
  const manifest = await getManifest(session, repository, tag);
  if (manifest?.head.mediaType !== mediaTypes.imageIndex) return [];
  return readReferrers(parseIndex(session.name, manifest.body));
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema */
function fallbackTag(subject: Digest): string {
  const algorithm = algorithmOf(subject);
  return `${algorithm}-${subject.slice(algorithm.length + 1, algorithm.length + 65)}`;
}

function listQuestion(kind: "tags" | "referrers", path: string, repository: string): UpstreamQuestion {
  return { kind, method: "GET", path, headers: { accept: mediaTypes.imageIndex }, repository, reference: "" };
}

function parseIndex(name: string, body: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(body.toString("utf8"))) as Record<string, unknown>;
  } catch (cause) {
    throw new UpstreamFailure("faulty", `${name} answers an index that is no JSON`, { cause });
  }
}

/** What is no descriptor leads nowhere and is left out. */
function readReferrers({ manifests }: Record<string, unknown>): Referrer[] {
  return Array.isArray(manifests) ? manifests.filter(isReferrer) : [];
}

function isReferrer(value: unknown): value is Referrer {
  const { digest, size, mediaType } = Object(value) as Record<string, unknown>;
  return typeof digest === "string" && isDigest(digest) && Number.isSafeInteger(size) && typeof mediaType === "string";
}
