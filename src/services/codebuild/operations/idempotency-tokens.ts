import { invalid } from "./project-input.ts";

/** Idempotency tokens of one operation: within five minutes a second call with the same token is the first one. */
export interface IdempotencyTokens {
  /** What the call with this token made. Throws InvalidInputException where it was another request. */
  find(token: string | undefined, request: object): string | undefined;
  keep(token: string | undefined, request: object, made: string): void;
}

const lifetime = 5 * 60_000;

export function openIdempotencyTokens(now: () => Date): IdempotencyTokens {
  const kept = new Map<string, { request: string; made: string; until: number }>();
  return {
    find(token, request) {
      const time = now().getTime();
      for (const [key, { until }] of kept) if (until <= time) kept.delete(key);
      const earlier = token === undefined ? undefined : kept.get(token);
      if (earlier === undefined) return undefined;
      if (earlier.request !== JSON.stringify(request)) {
        throw invalid("Request parameter mismatch for idempotency token");
      }
      return earlier.made;
    },
    keep(token, request, made) {
      if (token === undefined) return;
      kept.set(token, { request: JSON.stringify(request), made, until: now().getTime() + lifetime });
    },
  };
}
