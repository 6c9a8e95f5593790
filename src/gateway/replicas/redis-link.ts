import type { RedisClientType } from "@redis/client";

export interface RedisLinkOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  url: string;
  /** It cannot be used, for this reason. Once, until it has come back. */
  onAway(error: unknown): void;
  onBack(): void;
}

/**
 * A Redis that may be away at any time, and that nobody waits for then. Both connections come back by themselves.
 * Any Redis 6 or later, or what speaks its protocol.
 */
export interface RedisLink {
  /** Rejects with RedisAway: at once where there is no connection, else after `commandPatience`. */
  send(...command: string[]): Promise<unknown>;
  /** Messages are lost while the connection is away. */
  subscribe(channel: string, listener: (message: string) => void): void;
  /** Called at each beginning of a connection, with the subscriptions in place; also when there is one already. */
  onConnected(listener: () => void): void;
  close(): void;
}

/** Redis cannot be used now. Whoever gets this goes on with what this process knows. */
export class RedisAway extends Error {
  override readonly name = "RedisAway";
}

/** Milliseconds; a Redis that needs longer for one command is no help to a pull. */
const commandPatience = 250;
/** After an unanswered command others fail at once for so long: not every request shall lose the time. */
const pauseAfterSilence = 1000;
const connection = { connectTimeout: 1000, socketTimeout: 5000, reconnectStrategy: reconnectAfter };

function reconnectAfter(retries: number): number {
  return Math.min(50 * 2 ** retries, 1000);
}

type Client = RedisClientType;

export async function openRedisLink({ url, onAway, onBack }: RedisLinkOptions): Promise<RedisLink> {
  const { createClient } = await import("@redis/client");
  const options = { url, disableOfflineQueue: true, pingInterval: 1500, socket: connection, RESP: 2 as const };
  const commands = createClient(options) as unknown as Client;
  const messages = createClient(options) as unknown as Client;
  const channels = new Map<string, Set<(message: string) => void>>();
  const connected = new Set<() => void>();
  const health = openHealth(onAway, onBack);
  let isClosed = false;

  function failed(error: unknown): void {
    if (!isClosed) health.away(error);
  }
  /** The client subscribes again by itself after a cut; this is for those that it has never known. */
  async function listen(channel: string): Promise<void> {
    unknownYet.delete(channel);
    try {
      await messages.subscribe(channel, (message) => {
        for (const listener of channels.get(channel) ?? []) listener(message);
      });
    } catch (error) {
      unknownYet.add(channel);
      throw error;
    }
  }
  const unknownYet = new Set<string>();
  async function ready(): Promise<void> {
    if (!commands.isReady || !messages.isReady) return;
    try {
      await Promise.all([...unknownYet].map(listen));
      health.back();
      for (const listener of connected) listener();
    } catch (error) {
      failed(error);
    }
  }
  for (const client of [commands, messages]) {
    client.on("error", failed);
    client.on("ready", () => void ready());
    // It rejects only where it is closed before it was connected.
    client.connect().catch(failed);
  }

  return {
    async send(...command) {
      if (!commands.isReady || health.isSilent()) throw new RedisAway("Redis cannot be reached");
      try {
        const answer = await withinPatience(commands.sendCommand(command));
        health.back();
        return answer;
      } catch (error) {
        if (error instanceof Silence) health.silent();
        failed(error);
        throw new RedisAway(`Redis does not do ${command[0]}: ${(error as Error).message}`, { cause: error });
      }
    },
    subscribe(channel, listener) {
      const known = channels.get(channel);
      if (known !== undefined) return void known.add(listener);
      channels.set(channel, new Set([listener]));
      unknownYet.add(channel);
      void ready();
    },
    onConnected(listener) {
      connected.add(listener);
      if (commands.isReady && messages.isReady) listener();
    },
    close() {
      isClosed = true;
      for (const client of [commands, messages]) if (client.isOpen) client.destroy();
    },
  };
}

class Silence extends Error {}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Silence(`no answer within ${commandPatience} ms`)), commandPatience);
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
    // It may still fail, when nobody waits any more.
    answer.catch(() => undefined);
  }
}

function openHealth(onAway: (error: unknown) => void, onBack: () => void) {
  let isAway = false;
  let silentUntil = Number.NEGATIVE_INFINITY;
  return {
    away(error: unknown) {
      if (isAway) return;
      isAway = true;
      onAway(error);
    },
    back() {
      if (!isAway) return;
      isAway = false;
      onBack();
    },
    silent() {
      silentUntil = performance.now() + pauseAfterSilence;
    },
    isSilent: () => performance.now() < silentUntil,
  };
}
