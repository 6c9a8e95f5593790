import { type IdentityStandings, mergeStandings, type StandingRecord } from "../identities/identity-standings.ts";
import type { RedisLink } from "./redis-link.ts";

export interface RedisStandingsOptions {
  /** Before each key and channel. */
  prefix: string;
  upstream: string;
}

/** Milliseconds after the last news; no window and no rest is longer than 6 hours. */
const keptFor = String(24 * 3_600_000);

/** Writes only over what the writer has seen; else it gives what is there, to be merged and tried again. */
const replace = `
local current = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if current ~= ARGV[2] then return current end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[1], cjson.encode({ARGV[1], ARGV[3]}))
return false`;

/**
 * The standings of one upstream's identities, shared between replicas: answered from this process's copy, which others'
 * news reach by publication. Without Redis the copy alone counts; on its return both sides are merged.
 */
export function openRedisStandings(link: RedisLink, { prefix, upstream }: RedisStandingsOptions): IdentityStandings {
  const hash = `${prefix}standings:${upstream}`;
  const records = new Map<string, StandingRecord>();
  /** As Redis last had them, letter by letter. */
  const seen = new Map<string, string>();
  const sending = new Set<string>();
  const again = new Set<string>();

  function takeIn(name: string, text: string): void {
    seen.set(name, text);
    const known = records.get(name);
    const told = parseRecord(text);
    records.set(name, known === undefined ? told : mergeStandings(told, known));
  }

  async function write(name: string): Promise<void> {
    for (;;) {
      const text = JSON.stringify(records.get(name) ?? {});
      const current = await link.send("EVAL", replace, "1", hash, name, seen.get(name) ?? "", text, keptFor);
      if (typeof current !== "string") return void seen.set(name, text);
      if (current === "") seen.delete(name);
      else takeIn(name, current);
    }
  }

  /** One write of a name at a time; what is put meanwhile goes with the next. */
  async function share(name: string): Promise<void> {
    again.add(name);
    if (sending.has(name)) return;
    sending.add(name);
    try {
      while (again.delete(name)) await write(name);
    } catch {
      // Redis is away, which is told elsewhere; the copy is sent on its return.
    } finally {
      sending.delete(name);
    }
  }

  async function load(): Promise<void> {
    const fields = (await link.send("HGETALL", hash)) as string[];
    seen.clear();
    for (const [name, text] of pairsOf(fields)) takeIn(name, text);
    for (const [name, record] of records) if (JSON.stringify(record) !== seen.get(name)) void share(name);
  }

  link.subscribe(hash, (message) => {
    const [name, text] = JSON.parse(message) as [string, string];
    takeIn(name, text);
  });
  link.onConnected(() => void load().catch(() => undefined));
  return {
    get: (name) => records.get(name),
    put(name, record) {
      records.set(name, record);
      void share(name);
    },
  };
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? ""]] : []));
}

/** What nobody here has written tells nothing. */
function parseRecord(text: string): StandingRecord {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as StandingRecord) : {};
  } catch {
    return {};
  }
}
