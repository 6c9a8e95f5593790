import { algorithmOf, type Digest, digestOf, isDigest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";
import { maximumManifestSize } from "../../registry/manifests.ts";
import type { ManifestHead } from "../../registry/registry-content.ts";
import { isMissing } from "./missing-reply.ts";
import { BodyTooLarge, discardBody, readBody } from "./read-body.ts";
import type { UpstreamQuestion } from "./upstream-asker.ts";
import { headerOf, type UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamSession } from "./upstream-session.ts";

/** Always in this order: the answer to a tag depends on it at some registries. */
const manifestTypes: readonly string[] = [
  mediaTypes.imageIndex,
  mediaTypes.dockerManifestList,
  mediaTypes.imageManifest,
  mediaTypes.dockerManifest,
];

export async function headManifest(
  session: UpstreamSession,
  repository: string,
  reference: string,
): Promise<ManifestHead | undefined> {
  const head = await session.ask(question("HEAD", repository, reference), async (reply) => {
    await discardBody(reply.body);
    if (isMissing(session.name, reply)) return undefined;
    const size = Number(headerOf(reply, "content-length"));
    const digest = readDigest(session.name, reply);
    // Neither is owed: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
    if (digest === undefined || !(size > 0)) return "incomplete";
    return { digest, mediaType: readMediaType(session.name, reply), size };
  });
  return head === "incomplete" ? (await getManifest(session, repository, reference))?.head : head;
}

export function getManifest(
  session: UpstreamSession,
  repository: string,
  reference: string,
): Promise<{ head: ManifestHead; body: Buffer } | undefined> {
  return session.ask(question("GET", repository, reference), async (reply) => {
    try {
      return await readManifest(session.name, reference, reply);
    } finally {
      reply.body.destroy();
    }
  });
}

function question(method: "GET" | "HEAD", repository: string, reference: string): UpstreamQuestion {
  const path = `/v2/${repository}/manifests/${reference}`;
  return { kind: "manifest", method, path, headers: { accept: manifestTypes.join(", ") }, repository, reference };
}

async function readManifest(name: string, reference: string, reply: UpstreamReply) {
  if (isMissing(name, reply)) {
    await readBody(reply.body, maximumManifestSize).catch(() => undefined);
    return undefined;
  }
  const mediaType = readMediaType(name, reply);
  const told = readDigest(name, reply);
  const body = await readBody(reply.body, maximumManifestSize).catch((error) => {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new UpstreamFailure("faulty", `${name} answers a manifest of more than 4 MiB`, { cause: error });
  });
  const named = told ?? (isDigest(reference) ? reference : undefined);
  const digest = digestOf(body, named === undefined ? undefined : algorithmOf(named));
  if (told !== undefined && told !== digest) {
    throw new UpstreamFailure("faulty", `${name} answers a manifest that is not ${told}, as it says`);
  }
  return { head: { digest, mediaType, size: body.byteLength }, body };
}

function readMediaType(name: string, reply: UpstreamReply): string {
  const header = headerOf(reply, "content-type") ?? "";
  const mediaType = (header.split(";")[0] ?? "").trim().toLowerCase();
  if (manifestTypes.includes(mediaType)) return mediaType;
  const shown = mediaType === "" ? "nothing that it names" : mediaType.slice(0, 100);
  throw new UpstreamFailure("faulty", `${name} answers ${shown} in place of a manifest`, { status: reply.status });
}

function readDigest(name: string, reply: UpstreamReply): Digest | undefined {
  const digest = headerOf(reply, "docker-content-digest");
  if (digest === undefined || isDigest(digest)) return digest;
  throw new UpstreamFailure("faulty", `${name} answers a digest that is none`, { status: reply.status });
}
