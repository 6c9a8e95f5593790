import { discardBody } from "./read-body.ts";
import { headerOf, type Send, type UpstreamCall, type UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

const maximumRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Follows where `send` is led to. `Authorization` is for the host that it was meant for, and for no other. */
export function followRedirects(name: string, send: Send): Send {
  return async (call) => {
    // A form with a secret in it is for its first host.
    if (call.method === "POST") return send(call);
    const seen = new Set<string>();
    for (let current = call; ; ) {
      seen.add(current.url.href);
      const reply = await send(current);
      const location = redirects.has(reply.status) ? headerOf(reply, "location") : undefined;
      if (location === undefined) return reply;
      await discardBody(reply.body);
      const next = resolve(name, location, reply);
      if (seen.has(next.href)) throw new UpstreamFailure("faulty", `${name} redirects in a loop`);
      if (seen.size > maximumRedirects) {
        throw new UpstreamFailure("faulty", `${name} redirects more than ${maximumRedirects} times`);
      }
      current = { ...current, url: next, headers: headersFor(next, current) };
    }
  };
}

function resolve(name: string, location: string, { url, status }: UpstreamReply): URL {
  const next = URL.parse(location, url.href);
  if (next === null) throw new UpstreamFailure("faulty", `${name} redirects to what is no URL`, { status });
  next.username = "";
  next.password = "";
  next.hash = "";
  return next;
}

function headersFor(next: URL, { url, headers }: UpstreamCall): UpstreamCall["headers"] {
  if (next.origin === url.origin) return headers;
  const { authorization: _, ...others } = headers;
  return others;
}
