import type { Digest } from "../../oci/digest.ts";
import { isMissing } from "./missing-reply.ts";
import { discardBody } from "./read-body.ts";
import type { UpstreamQuestion } from "./upstream-asker.ts";
import type { UpstreamBlob } from "./upstream-client.ts";
import { headerOf, type UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamSession } from "./upstream-session.ts";

export async function headBlob(
  session: UpstreamSession,
  repository: string,
  digest: Digest,
): Promise<number | undefined> {
  const size = await session
    .ask(question("HEAD", repository, digest, 0), async (reply): Promise<number | "unknown" | undefined> => {
      await discardBody(reply.body);
      if (isMissing(session.name, reply)) return undefined;
      return readLength(reply) ?? "unknown";
    })
    .catch((error: unknown): "unknown" => {
      // A signed link is good for GET alone.
      if (error instanceof UpstreamFailure && error.kind === "unavailable" && error.status === 403) return "unknown";
      throw error;
    });
  if (size !== "unknown") return size;
  const blob = await getBlob(session, repository, digest, 0);
  blob?.body.destroy();
  if (blob === undefined || blob.size !== undefined) return blob?.size;
  throw new UpstreamFailure("faulty", `${session.name} does not say how large ${digest} is`);
}

export function getBlob(
  session: UpstreamSession,
  repository: string,
  digest: Digest,
  start: number,
): Promise<UpstreamBlob | undefined> {
  return session.ask(question("GET", repository, digest, start), async (reply) => {
    try {
      if (!isMissing(session.name, reply)) return readBlob(session.name, reply, start);
      await discardBody(reply.body);
      return undefined;
    } catch (error) {
      reply.body.destroy();
      throw error;
    }
  });
}

function question(method: "GET" | "HEAD", repository: string, digest: Digest, start: number): UpstreamQuestion {
  const path = `/v2/${repository}/blobs/${digest}`;
  const headers = { accept: "*/*", ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
  return { kind: "blob", method, path, headers, repository, reference: digest };
}

function readBlob(name: string, reply: UpstreamReply, start: number): UpstreamBlob {
  const { status, body } = reply;
  const length = readLength(reply);
  if (status === 200) return { size: length, start: 0, body };
  const range = readContentRange(reply);
  const isAsked = status === 206 && start > 0 && range?.start === start;
  // The whole rest was asked for: a server that gives less would be taken for one that broke off.
  const isWhole = range?.size === undefined || range.end === range.size - 1;
  if (range === undefined || !isAsked || !isWhole || (length !== undefined && length !== range.end - start + 1)) {
    throw new UpstreamFailure("faulty", `${name} answers ${status} with other bytes than those from ${start} on`, {
      status,
    });
  }
  return { size: range.size, start, body };
}

/** `bytes 100-199/200`, https://www.rfc-editor.org/rfc/rfc9110#section-14.4 */
function readContentRange(reply: UpstreamReply): { start: number; end: number; size: number | undefined } | undefined {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headerOf(reply, "content-range") ?? "") ?? [];
  if (start === undefined || end === undefined) return undefined;
  return { start: Number(start), end: Number(end), size: size === "*" ? undefined : Number(size) };
}

function readLength(reply: UpstreamReply): number | undefined {
  const header = headerOf(reply, "content-length");
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
