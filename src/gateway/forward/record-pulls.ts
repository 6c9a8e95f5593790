import { isDigest } from "../../oci/digest.ts";
import { formatImageReference } from "../../oci/image-reference.ts";
import { parseRateLimit } from "../upstream/parse-rate-limit.ts";
import type { Headers, Upstream, UpstreamAnswer, UpstreamRequest } from "../upstream/upstream.ts";
import { findUpstream } from "../upstream/upstream-hosts.ts";
import type { PullLedger } from "./pull-ledger.ts";
import type { TokenHolders } from "./token-holders.ts";

/** Passes on to `upstream`, and enters each manifest GET and how it was answered into the ledger. */
export function recordPulls(
  upstream: Upstream,
  { ledger, holders, now }: { ledger: PullLedger; holders: TokenHolders; now(): number },
): Upstream {
  return async (request) => {
    const answer = await upstream(request);
    const [, repository, reference] = /^\/v2\/(.+)\/manifests\/([^/?]+)/.exec(request.path) ?? [];
    const registry = findUpstream(request.host)?.name;
    // A 401 is the challenge before the token: no pull has been asked for yet.
    if (request.method !== "GET" || answer.status === 401) return answer;
    if (repository === undefined || reference === undefined || registry === undefined) return answer;
    ledger.add({
      time: now(),
      reference: formatImageReference({
        registry,
        repository,
        ...(isDigest(reference) ? { digest: reference } : { tag: reference }),
      }),
      registry,
      as: holders.accountOf(headerOf(request, "authorization")),
      source: "upstream",
      status: answer.status,
      ...spendingOf(answer),
    });
    return answer;
  };
}

/** An answer without limit headers was not counted: a paid account, or a registry that never sends them. */
function spendingOf(answer: UpstreamAnswer): { counted: boolean; remaining?: number } {
  const remaining = parseRateLimit(headerOf(answer, "ratelimit-remaining"));
  if (remaining === undefined) return { counted: false };
  return { counted: answer.status >= 200 && answer.status < 300, remaining: remaining.count };
}

function headerOf({ headers }: { headers: Headers } | UpstreamRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
