import { headerOf, type UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/**
 * Whether the registry says that a thing is not there. Throws `faulty` for an answer that says neither that nor gives it:
 * a page for browsers is a proxy's or a portal's word.
 */
export function isMissing(name: string, reply: UpstreamReply): boolean {
  const { status } = reply;
  if (status === 404 && /^text\/html\b/i.test(headerOf(reply, "content-type") ?? "")) {
    throw new UpstreamFailure("faulty", `${name} answers 404 with a page for browsers`, { status });
  }
  if (status === 404) return true;
  if (status === 200 || status === 206) return false;
  throw new UpstreamFailure("faulty", `${name} answers ${status}`, { status });
}
