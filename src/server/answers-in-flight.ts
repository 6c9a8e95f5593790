import type { Server, ServerResponse } from "node:http";

/** How long a port that is to end waits for its answers. */
export interface DrainOptions {
  milliseconds: number;
  /** Ends the wait at once. */
  hurry?: AbortSignal;
}

/** The answers that a port has begun or owes. */
export interface AnswersInFlight {
  add(response: ServerResponse): void;
  /**
   * Takes no further connection, ends idle ones, and resolves when the last answer has been given or the time is up. Whatever is
   * open then is the caller's to end.
   */
  drain(server: Server, options: DrainOptions): Promise<void>;
}

export function trackAnswers(): AnswersInFlight {
  const responses = new Set<ServerResponse>();
  let drained: { server: Server; resolve(): void } | undefined;
  const forget = (response: ServerResponse) => {
    responses.delete(response);
    if (drained === undefined) return;
    if (responses.size === 0) drained.resolve();
    // One whose head went out before the drain has promised to keep its connection.
    else drained.server.closeIdleConnections();
  };
  return {
    add(response) {
      responses.add(response);
      response.once("close", () => forget(response));
      if (drained !== undefined) closeAfter(response);
    },
    async drain(server, { milliseconds, hurry }) {
      // Ends the idle connections, too.
      server.close();
      const { promise, resolve } = Promise.withResolvers<void>();
      drained = { server, resolve };
      for (const response of responses) closeAfter(response);
      if (responses.size === 0 || hurry?.aborted === true) return;
      const timer = setTimeout(resolve, milliseconds);
      hurry?.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      clearTimeout(timer);
    },
  };
}

/** Tells the client not to send more on this connection, where its head has not gone out. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}
