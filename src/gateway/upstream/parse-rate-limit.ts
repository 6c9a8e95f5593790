/** `ratelimit-remaining: 20;w=21600`. The window is read from each answer: it has changed before. */
export interface RateLimit {
  count: number;
  windowSeconds: number | undefined;
}

export function parseRateLimit(header: string | undefined): RateLimit | undefined {
  const [, count, window] = /^\s*(\d+)\s*(?:;\s*w=(\d+))?\s*$/.exec(header ?? "") ?? [];
  if (count === undefined) return undefined;
  return { count: Number(count), windowSeconds: window === undefined ? undefined : Number(window) };
}
