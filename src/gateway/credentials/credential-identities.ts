import type { Credentials, Identity } from "../identity.ts";
import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";

export interface CredentialIdentitiesOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** A source that cannot be read gives no identities. The error's message holds no secret. */
  onUnavailable(error: CredentialsUnavailable): void;
}

/** As nobody in particular: charged to the address. */
export const anonymousIdentity: Identity = { name: "anonymous" };

/** Secrets that were rotated take effect within this time even where the old ones still work. */
const cacheMilliseconds = 5 * 60_000;
/** What was read so shortly before a refusal would be read again just the same. */
const freshMilliseconds = 10_000;

/** An identity for each account of the sources, the first source's first; an account of two sources counts once. */
export async function openCredentialIdentities(
  sources: readonly CredentialSource[],
  options: CredentialIdentitiesOptions,
): Promise<Identity[]> {
  const identities = new Map<string, Identity>();
  for (const source of sources) {
    for (const { username } of await readOrReport(source, options)) {
      if (!identities.has(username)) identities.set(username, sourceIdentity(source, username, options.now));
    }
  }
  return [...identities.values()];
}

async function readOrReport(source: CredentialSource, options: CredentialIdentitiesOptions): Promise<Credentials[]> {
  try {
    return await source.read();
  } catch (error) {
    if (!(error instanceof CredentialsUnavailable)) throw error;
    options.onUnavailable(error);
    return [];
  }
}

/** Read at use, so that what is in memory is no older than the cache allows. */
function sourceIdentity(source: CredentialSource, username: string, now: () => number): Identity {
  let cached: { reading: Promise<Credentials>; readAt: number } | undefined;
  async function read(): Promise<Credentials> {
    const found = (await source.read()).find((account) => account.username === username);
    if (found === undefined) throw new CredentialsUnavailable(`${source.description} no longer has ${username}`);
    return found;
  }
  return {
    name: username,
    credentials() {
      if (cached !== undefined && now() - cached.readAt < cacheMilliseconds) return cached.reading;
      const reading = read();
      const entry = { reading, readAt: now() };
      cached = entry;
      reading.catch(() => {
        if (cached === entry) cached = undefined;
      });
      return reading;
    },
    discardCredentials() {
      const wasCached = cached !== undefined && now() - cached.readAt >= freshMilliseconds;
      cached = undefined;
      return wasCached;
    },
  };
}
