import type { Digest } from "../oci/digest.ts";
import type { ManifestHead } from "../registry/registry-content.ts";
import type { PulledContent, PulledTag } from "./content/pulled-content.ts";
import type { PullEvent, PullOutcome } from "./pull-events.ts";
import type { SingleFlight } from "./single-flight.ts";
import type { UpstreamClient } from "./upstream/upstream-client.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

/** How long a tag may be answered without asking the upstream. */
export interface TagPolicy {
  /** Milliseconds. */
  timeToLive(repository: string, tag: string): number;
  /** After a failed question the stored answer is given for this long before the upstream is asked again. Milliseconds. */
  pauseAfterFailure: number;
  /** An upstream that has not answered by then gets the stored answer in its place, and goes on being waited for. */
  patience: number;
}

export interface TagResolver {
  /** Undefined where the upstream says that there is no such tag. */
  resolve(repository: string, tag: string): Promise<ManifestHead | undefined>;
}

interface TagResolverParts {
  name: string;
  upstream: UpstreamClient;
  content: PulledContent;
  policy: TagPolicy;
  flights: SingleFlight;
  now(): number;
  /** The upstream's repository as the store names it. */
  place(repository: string): string;
  getManifest(repository: string, digest: Digest): Promise<unknown>;
  told(kind: PullEvent["kind"], outcome: PullOutcome): void;
}

/** A failure behind which the tag may well be what it was. A refusal is none: it must not be hidden by an old answer. */
function isPassing(error: unknown): error is UpstreamFailure {
  return error instanceof UpstreamFailure && error.kind !== "denied";
}

/**
 * What a tag stands for. Within its time to live the store answers; after it one HEAD, which Docker Hub does not count,
 * asks the upstream for all who wait. Where the upstream cannot answer, the stored one is given and marked stale.
 */
export function openTagResolver(parts: TagResolverParts): TagResolver {
  const { upstream, content, policy, flights, now, place } = parts;
  const pauses = openPauses(policy.pauseAfterFailure, now);

  async function resolve(repository: string, tag: string): Promise<ManifestHead | undefined> {
    const known = await content.findTag(place(repository), tag);
    if (known !== undefined && isFresh(repository, known)) return known.head;
    const paused = pauses.find(`${repository}:${tag}`);
    if (known !== undefined && paused !== undefined) return stale(known, paused);
    const begun = now();
    const asked = flights.run(`tag ${place(repository)}:${tag}`, () => ask(repository, tag, begun));
    return known === undefined ? asked : withPatience(asked, known);
  }

  function isFresh(repository: string, { tag, checkedAt }: PulledTag): boolean {
    return now() - checkedAt < policy.timeToLive(repository, tag);
  }

  /** Unless another replica has asked since `begun`, while this one waited for its turn. */
  async function ask(repository: string, tag: string, begun: number): Promise<ManifestHead | undefined> {
    const key = `${repository}:${tag}`;
    const known = await content.findTag(place(repository), tag, { fresh: true });
    if (known !== undefined && (known.checkedAt >= begun || isFresh(repository, known))) return known.head;
    try {
      const head = await upstream.headManifest(repository, tag);
      if (head === undefined) {
        if (known !== undefined) await content.deleteTag(place(repository), tag);
        return undefined;
      }
      // A tag moves here only with its new manifest at hand: with nothing left to fetch it, the old one still serves.
      if (known !== undefined && known.head.digest !== head.digest) await parts.getManifest(repository, head.digest);
      await content.putTag(place(repository), { tag, head, checkedAt: now() });
      pauses.end(key);
      return head;
    } catch (error) {
      if (known === undefined || !isPassing(error)) throw error;
      pauses.begin(key, error);
      return stale(known, error.message);
    }
  }

  function stale({ head }: PulledTag, reason: string): ManifestHead {
    parts.told("manifest", "stale");
    return { ...head, stale: reason };
  }

  async function withPatience(asked: Promise<ManifestHead | undefined>, known: PulledTag) {
    const { promise: lost, resolve: lose } = Promise.withResolvers<ManifestHead>();
    const timer = setTimeout(() => lose(stale(known, `${parts.name} takes long to answer`)), policy.patience);
    try {
      return await Promise.race([asked, lost]);
    } finally {
      clearTimeout(timer);
      // Nobody may be waiting for it any more.
      asked.catch(() => undefined);
    }
  }

  return { resolve };
}

/** Questions that are not asked for a while. An upstream that is out of reach is so for all of its tags. */
function openPauses(duration: number, now: () => number) {
  const pauses = new Map<string, { until: number; reason: string }>();
  const everything = "";
  return {
    begin(key: string, failure: UpstreamFailure) {
      for (const [old, { until }] of pauses) if (until <= now()) pauses.delete(old);
      const pause = { until: now() + duration, reason: failure.message };
      pauses.set(failure.kind === "unavailable" ? everything : key, pause);
    },
    end(key: string) {
      pauses.delete(key);
      pauses.delete(everything);
    },
    /** The reason, while there is one. */
    find(key: string): string | undefined {
      return [everything, key]
        .map((name) => pauses.get(name))
        .find((pause) => pause !== undefined && pause.until > now())?.reason;
    },
  };
}
