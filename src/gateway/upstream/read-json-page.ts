import { isMissing } from "./missing-reply.ts";
import { discardBody, readBody } from "./read-body.ts";
import type { UpstreamQuestion } from "./upstream-asker.ts";
import { headerOf, type UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamSession } from "./upstream-session.ts";

/** Whether a registry says that it has no such list. */
type IsAbsent = typeof isMissing;

export interface JsonPage {
  fields: Record<string, unknown>;
  /** Path and query of the next page. */
  next: string | undefined;
}

const maximumPage = 16 * 1024 * 1024;
/** At a thousand entries each, more than a repository has. */
const maximumPages = 1000;

/** One page of a list; undefined where the registry knows of none. */
export function readJsonPage(
  session: UpstreamSession,
  question: UpstreamQuestion,
  isAbsent: IsAbsent = isMissing,
): Promise<JsonPage | undefined> {
  return session.ask(question, async (reply) => {
    try {
      if (isAbsent(session.name, reply)) {
        await discardBody(reply.body);
        return undefined;
      }
      const text = (await readBody(reply.body, maximumPage)).toString("utf8");
      return { fields: parseObject(session.name, text), next: findNext(session.name, reply) };
    } catch (error) {
      reply.body.destroy();
      throw error;
    }
  });
}

/** All pages from the first on. */
export async function readJsonPages(
  session: UpstreamSession,
  question: UpstreamQuestion,
  isAbsent?: IsAbsent,
): Promise<Record<string, unknown>[] | undefined> {
  const pages: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  for (let path: string | undefined = question.path; path !== undefined; ) {
    if (seen.has(path) || seen.size >= maximumPages) {
      throw new UpstreamFailure("faulty", `${session.name} gives a list of ${question.repository} that never ends`);
    }
    seen.add(path);
    const page: JsonPage | undefined = await readJsonPage(session, { ...question, path }, isAbsent);
    if (page === undefined) return pages.length === 0 ? undefined : pages;
    pages.push(page.fields);
    path = page.next;
  }
  return pages;
}

function parseObject(name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, without the text: it may be a page of any length.
  }
  throw new UpstreamFailure("faulty", `${name} answers a list that is no JSON object`);
}

/** `Link: </v2/…?n=…&last=…>; rel="next"`, https://www.rfc-editor.org/rfc/rfc8288#section-3 */
function findNext(name: string, reply: UpstreamReply): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^<]*\brel\s*=\s*"?next\b/i.exec(headerOf(reply, "link") ?? "") ?? [];
  if (target === undefined) return undefined;
  const next = URL.parse(target, reply.url.href);
  // Some write their own address as they see it; the path alone is followed, at the host that was asked.
  if (next?.pathname.startsWith("/v2/")) return next.pathname + next.search;
  throw new UpstreamFailure("faulty", `${name} continues a list where no registry is`);
}
