import type { Identity } from "../identities/identity.ts";
import { type FetchedToken, fetchToken, type TokenServiceOptions, type TokenSource } from "./fetch-token.ts";

export interface Token {
  value: string;
  /** It was fetched for this asker, or while it waited: asking for another would give the same. */
  isFresh: boolean;
}

export interface UpstreamTokens {
  get(identity: Identity, source: TokenSource, repository: string): Promise<Token>;
  /** Forgets a token that the registry refused. */
  drop(value: string): void;
}

const maximumTokens = 1000;

interface Entry {
  token: Promise<FetchedToken>;
  value?: string;
}

/** Tokens by identity and scope, each fetched once for all who ask for it at the same time. */
export function createUpstreamTokens(options: TokenServiceOptions): UpstreamTokens {
  const { now } = options;
  const entries = new Map<string, Entry>();

  function start(key: string, fetching: Entry["token"]): Entry {
    const entry: Entry = { token: fetching };
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > maximumTokens && oldest !== undefined) entries.delete(oldest);
    const forget = () => entries.get(key) === entry && entries.delete(key);
    fetching.then(({ value }) => {
      entry.value = value;
    }, forget);
    return entry;
  }

  return {
    async get(identity, source, repository) {
      const key = JSON.stringify([identity.name, source.realm.href, source.service, source.scope]);
      const known = entries.get(key);
      if (known?.value !== undefined) {
        const { value, usableUntil } = await known.token;
        if (now() < usableUntil) return { value, isFresh: false };
        if (entries.get(key) === known) entries.delete(key);
      }
      const entry = entries.get(key) ?? start(key, fetchToken(options, identity, source, repository));
      return { value: (await entry.token).value, isFresh: true };
    },
    drop(value) {
      for (const [key, entry] of entries) if (entry.value === value) entries.delete(key);
    },
  };
}
