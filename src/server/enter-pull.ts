import type { PullLedger } from "../gateway/forward/pull-ledger.ts";
import type { UpstreamExchange } from "../gateway/upstream/upstream-exchange.ts";
import { isDigest } from "../oci/digest.ts";
import { formatImageReference } from "../oci/image-reference.ts";

/** Of what left for an upstream, the manifests that were asked for: a hit is no pull. */
export function enterPull(pulls: PullLedger, exchange: UpstreamExchange): void {
  const {
    kind,
    method,
    status,
    time,
    upstream: registry,
    repository,
    reference,
    identity,
    counted,
    remaining,
  } = exchange;
  if (kind !== "manifest" || method !== "GET" || status === undefined || status === 401) return;
  const name = isDigest(reference) ? { digest: reference } : { tag: reference };
  pulls.add({
    ...{ time, registry, as: identity, counted, source: "upstream", status },
    reference: formatImageReference({ registry, repository, ...name }),
    ...(remaining === undefined ? {} : { remaining }),
  });
}
