import { Readable } from "node:stream";
import { parseRateLimit } from "./parse-rate-limit.ts";
import type { UpstreamAnswer } from "./upstream.ts";
import { headerOf, type UpstreamCall, type UpstreamExchange } from "./upstream-exchange.ts";
import type { UpstreamFailure } from "./upstream-failure.ts";

interface ExchangeFollower {
  /** Gives the body on, and tells the exchange when it has ended; `explain` words what breaks it off. */
  answered(answer: UpstreamAnswer, explain: (cause: unknown) => UpstreamFailure): Readable;
  /** No answer came. */
  failed(): void;
}

interface ExchangeListener {
  name: string;
  now(): number;
  onExchange(exchange: UpstreamExchange): void;
  /** How long the body of an answer other than a blob may take: bytes that trickle in are no silence. */
  wholeMilliseconds: number;
}

/** Watches one request from its start to the end of its answer's body. */
export function followExchange(call: UpstreamCall, listener: ExchangeListener): ExchangeFollower {
  const { name, now, onExchange, wholeMilliseconds } = listener;
  const time = now();
  const { kind, method, url, identity, repository, reference } = call;
  const tell = (status: number | undefined, bytes: number, spending: ReturnType<typeof spendingOf>) => {
    const asked = { time, upstream: name, host: url.host, identity, kind, method, repository, reference };
    onExchange({ ...asked, status, ...spending, milliseconds: now() - time, bytes });
  };
  return {
    failed: () => tell(undefined, 0, { counted: false }),
    answered(answer, explain) {
      const spending = spendingOf(call, answer);
      if (kind !== "blob") limitReading(answer.body, wholeMilliseconds);
      return countBody(answer.body, (bytes) => tell(answer.status, bytes, spending), explain);
    },
  };
}

function limitReading(body: Readable, milliseconds: number): void {
  const late = () => body.destroy(new Error(`not whole after ${milliseconds / 1000} seconds`));
  const timer = setTimeout(late, milliseconds);
  body.once("close", () => clearTimeout(timer));
}

/** An answer without limit headers was not counted: a paid account, or a registry that never sends them. */
function spendingOf({ kind, method }: UpstreamCall, answer: UpstreamAnswer): { counted: boolean; remaining?: number } {
  const remaining = parseRateLimit(headerOf(answer, "ratelimit-remaining"));
  if (remaining === undefined) return { counted: false };
  const isPull = kind === "manifest" && method === "GET" && answer.status >= 200 && answer.status < 300;
  return { counted: isPull, remaining: remaining.count };
}

/** Bytes of a body that wait for its reader. */
const aheadSize = 1024 * 1024;

function countBody(
  body: Readable,
  onEnd: (bytes: number) => void,
  explain: (cause: unknown) => UpstreamFailure,
): Readable {
  let bytes = 0;
  let isOver = false;
  const end = () => {
    if (!isOver) onEnd(bytes);
    isOver = true;
  };
  const counted = new Readable({
    highWaterMark: aheadSize,
    read: () => void body.resume(),
    destroy(error, callback) {
      body.destroy();
      callback(error);
    },
  });
  // A body that breaks off before somebody reads it must not end the process; who reads it then gets the error.
  counted.on("error", () => undefined);
  body.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (!counted.push(chunk)) body.pause();
  });
  body.once("end", () => {
    // Before the reader learns of the end: what it does next finds the exchange told.
    end();
    counted.push(null);
  });
  body.once("error", (cause) => counted.destroy(explain(cause)));
  body.once("close", () => {
    if (!body.readableEnded) counted.destroy(explain(new Error("the connection ended")));
    end();
  });
  return counted;
}
