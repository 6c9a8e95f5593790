/** Milliseconds that clients have for what they are being sent, or send, when the program is told to end. */
export const drainMilliseconds = 10_000;

/** What a user who wants a server to end has said. */
export interface EndSignals {
  /** Ctrl-C, SIGTERM or SIGHUP. */
  ended: Promise<void>;
  /** The same again: no more waiting. */
  hurry: AbortSignal;
}

/** From now on these signals no longer end the process by themselves. */
export function watchEndSignals(): EndSignals {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const again = new AbortController();
  let isEnding = false;
  const onSignal = () => {
    if (isEnding) again.abort();
    isEnding = true;
    resolve();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return { ended, hurry: again.signal };
}
