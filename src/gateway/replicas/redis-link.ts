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
  const subscriptions = openSubscriptions(messages);
  const connected = new Set<() => void>();
  const health = openHealth(onAway, onBack);
  let isClosed = false;

  const isConnected = () => commands.isReady && messages.isReady;
  function failed(error: unknown): void {
    if (!isClosed) health.away(error);
  }
  async function ready(): Promise<void> {
    if (!isConnected()) return;
    try {
      await subscriptions.begin();
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
        if (isConnected()) health.back();
        return answer;
      } catch (error) {
        if (error instanceof Silence) health.silent();
        failed(error);
        throw new RedisAway(`Redis does not do ${command[0]}: ${(error as Error).message}`, { cause: error });
      }
    },
    subscribe(channel, listener) {
      subscriptions.add(channel, listener);
      void ready();
    },
    onConnected(listener) {
      connected.add(listener);
      if (isConnected()) listener();
    },
    close() {
      isClosed = true;
      for (const client of [commands, messages]) if (client.isOpen) client.destroy();
    },
  };
}

/** After a cut the client subscribes again by itself to what it has subscribed to once. */
function openSubscriptions(client: Client) {
  const channels = new Map<string, Set<(message: string) => void>>();
  const notBegun = new Set<string>();
  async function begin(channel: string): Promise<void> {
    notBegun.delete(channel);
    try {
      await client.subscribe(channel, (message) => {
        for (const listener of channels.get(channel) ?? []) listener(message);
      });
    } catch (error) {
      notBegun.add(channel);
      throw error;
    }
  }
  return {
    add(channel: string, listener: (message: string) => void) {
      if (!channels.has(channel)) notBegun.add(channel);
      channels.set(channel, (channels.get(channel) ?? new Set()).add(listener));
    },
    begin: () => Promise.all([...notBegun].map(begin)),
  };
}

class Silence extends Error {}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Silence(`no answer within ${commandPatience} ms`));
  // Sockets are read after the timers: a process that was busy must not take its own silence for that of Redis.
  const timer = setTimeout(() => setImmediate(giveUp), commandPatience);
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
