import { randomUUID } from "node:crypto";
import type { HoldOptions, Leases } from "../leases.ts";
import type { RedisLink } from "./redis-link.ts";

export interface RedisLeasesOptions {
  /** Before each key and channel. */
  prefix: string;
  /** Milliseconds that a lease outlives a holder that was killed; 5 s where absent. */
  leaseTime?: number;
}

/** Milliseconds between two tries, for where the notice of a release is lost. */
const tryInterval = 200;
/** Milliseconds that a holder is waited for, where the caller does not say. */
const defaultPatience = 10_000;

/** Taken again where it was lost, as by a restart of Redis, and nobody else has it. */
const renew = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if not holder then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 0`;

const release = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return redis.call('PUBLISH', ARGV[2], KEYS[1])`;

/**
 * Leases in Redis: `SET NX PX` with a token of its own, renewed while the work goes on. A holder that is killed is
 * followed when its lease runs out. Without Redis the work begins at once.
 */
export function openRedisLeases(link: RedisLink, { prefix, leaseTime = 5000 }: RedisLeasesOptions): Leases {
  const channel = `${prefix}released`;
  const waiting = new Map<string, Set<() => void>>();
  link.subscribe(channel, (key) => {
    for (const go of waiting.get(key) ?? []) go();
  });

  async function take(key: string, token: string, options: HoldOptions): Promise<boolean> {
    const { patience = defaultPatience, signal } = options;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
    }, patience);
    try {
      while (!isOver && signal?.aborted !== true) {
        if ((await link.send("SET", key, token, "NX", "PX", String(leaseTime))) === "OK") return true;
        await noticed(waiting, key);
      }
      return false;
    } catch {
      // Redis is away, which is told elsewhere: this replica goes on by itself.
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async hold(name, work, options = {}) {
      const key = `${prefix}lease:${name}`;
      const token = randomUUID();
      if (!(await take(key, token, options))) return work();
      const renewal = setInterval(() => {
        link.send("EVAL", renew, "1", key, token, String(leaseTime)).catch(() => undefined);
      }, leaseTime / 3);
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        // Nobody waits for it; where it fails, the lease runs out.
        link.send("EVAL", release, "1", key, token, channel).catch(() => undefined);
      }
    },
  };
}

/** Until the key is released, or it is time to look again. */
async function noticed(waiting: Map<string, Set<() => void>>, key: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const own = waiting.get(key) ?? new Set();
  waiting.set(key, own.add(resolve));
  const timer = setTimeout(resolve, tryInterval);
  await promise;
  clearTimeout(timer);
  own.delete(resolve);
  if (own.size === 0) waiting.delete(key);
}
