/** The pull limit as a token claims it: Docker Hub has it among the parameters of each access, in strings. */
export interface TokenLimit {
  limit: number;
  windowSeconds: number;
}

/** Undefined for a token that claims no limit or is no JWT. The signature is not verified: nothing is decided by it. */
export function readTokenLimit(token: string): TokenLimit | undefined {
  const accesses = accessesOf(token);
  for (const access of accesses) {
    const { pull_limit, pull_limit_interval } = access?.parameters ?? {};
    const limit = Number(pull_limit ?? Number.NaN);
    const windowSeconds = Number(pull_limit_interval ?? Number.NaN);
    if (Number.isInteger(limit) && Number.isInteger(windowSeconds)) return { limit, windowSeconds };
  }
  return undefined;
}

type Access = { parameters?: Record<string, unknown> } | null;

function accessesOf(token: string): Access[] {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      access?: unknown;
    };
    return Array.isArray(claims.access) ? (claims.access as Access[]) : [];
  } catch {
    // Tokens may be opaque.
    return [];
  }
}
