/** No upstream is believed when it asks for a longer wait. */
const longestWait = 24 * 3600 * 1000;

/** Counts above are seconds since 1970: no registry asks for a wait of thirty years. */
const firstTimestamp = 1_000_000_000;

/**
 * Milliseconds to wait as `Retry-After` says. RFC 9110 has seconds and HTTP dates; Docker Hub's web API has sent Unix
 * timestamps. Undefined for what is none of them. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  const wait = /^\d+(?:\.\d+)?$/.test(text) ? waitOfNumber(Number(text), now) : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestWait);
}

function waitOfNumber(count: number, now: number): number {
  if (count < firstTimestamp) return count * 1000;
  const isMilliseconds = count > firstTimestamp * 100;
  return (isMilliseconds ? count : count * 1000) - now;
}
