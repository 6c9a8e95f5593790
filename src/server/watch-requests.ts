import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PullEvent } from "../gateway/pull-events.ts";
import type { ServedRequest } from "./gateway-events.ts";

/** What is found out about a client's request while it is answered. */
export interface RequestTrace {
  /** The upstream's host under which the client came; undefined at the port's own address. */
  host: string | undefined;
  /** Canonical. */
  repository?: string;
  outcome?: PullEvent["outcome"];
}

export interface RequestWatch {
  inFlight(): number;
  /** Belongs to the request that is being answered. */
  noteOutcome(event: PullEvent): void;
  run(
    request: IncomingMessage,
    response: ServerResponse,
    trace: RequestTrace,
    work: () => Promise<void>,
  ): Promise<void>;
}

export interface RequestWatchOptions {
  onEnd(trace: RequestTrace, bytes: number): void;
  onRequest?(request: ServedRequest): void;
  now(): number;
}

/** Counts requests and their bytes; times and tells them only where somebody listens. */
export function openRequestWatch({ onEnd, onRequest, now }: RequestWatchOptions): RequestWatch {
  const current = onRequest === undefined ? undefined : new AsyncLocalStorage<RequestTrace>();
  let inFlight = 0;
  return {
    inFlight: () => inFlight,
    noteOutcome({ outcome }) {
      const trace = current?.getStore();
      if (trace !== undefined) trace.outcome ??= outcome;
    },
    run(request, response, trace, work) {
      const { socket, method = "", url = "" } = request;
      const sentBefore = socket.bytesWritten;
      const time = onRequest === undefined ? 0 : now();
      const client = onRequest === undefined ? "" : (socket.remoteAddress ?? "");
      inFlight += 1;
      response.once("close", () => {
        inFlight -= 1;
        const bytes = Math.max(0, socket.bytesWritten - sentBefore);
        onEnd(trace, bytes);
        onRequest?.({
          ...{ time, client, method, path: url, repository: trace.repository, outcome: trace.outcome, bytes },
          status: response.statusCode,
          milliseconds: now() - time,
          complete: response.writableFinished,
        });
      });
      return current === undefined ? work() : current.run(trace, work);
    },
  };
}
