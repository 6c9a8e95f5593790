/** What can go wrong between a client and a registry. A kind that replaces an answer spends no pull; the others do. */
export type Fault =
  /** Nothing is answered; the connection stays open. */
  | { kind: "hang" }
  /** The connection breaks in the middle of the body. */
  | { kind: "cut"; afterBytes: number }
  /** Another body of the same length, under the headers of the right one. */
  | { kind: "wrong-digest" }
  /** A body that is one byte too long; Content-Length agrees with it. */
  | { kind: "wrong-length" }
  /** 200 with a page for people, as hotel networks and outages answer. */
  | { kind: "html" }
  | { kind: "status"; status: FaultStatus; retryAfter?: number }
  /** A redirect to the same address. */
  | { kind: "redirect-loop" }
  /** A redirect that no client should follow. */
  | { kind: "redirect"; to: string }
  /** The right body, slowly. */
  | { kind: "slow"; bytesPerSecond: number };

export type FaultStatus = 429 | 500 | 502 | 503 | 504;

/** The next requests that a fault meets. */
export interface FaultRule {
  // The path without query; `*` stands for any characters, as in `/v2/*/blobs/*`.
  path: string;
  /** Any where absent. */
  method?: string;
  /** Host header without port; any where absent. */
  host?: string;
  /** 1 where absent. */
  times?: number;
  fault: Fault;
}

/** Where a redirect leads unless its rule says so: the address at which clouds hand out credentials. */
export const privateAddress = "http://169.254.169.254/latest/meta-data/";

const statuses: readonly number[] = [429, 500, 502, 503, 504] satisfies FaultStatus[];

/** Reads a rule from JSON. Throws an Error that names the faulty member. */
export function parseFaultRule(value: unknown): FaultRule {
  const { path, method, host, times, fault } = asObject(value, "the rule");
  if (typeof path !== "string") throw new Error("path is missing: the requests to meet, such as /v2/*/blobs/*");
  return {
    path,
    ...(method === undefined ? {} : { method: asText(method, "method").toUpperCase() }),
    ...(host === undefined ? {} : { host: asText(host, "host").toLowerCase() }),
    ...(times === undefined ? {} : { times: asCount(times, "times", 1) }),
    fault: parseFault(asObject(fault, "fault")),
  };
}

function parseFault({ kind, ...more }: Record<string, unknown>): Fault {
  switch (kind) {
    case "hang":
    case "wrong-digest":
    case "wrong-length":
    case "html":
    case "redirect-loop":
      return { kind };
    case "cut":
      return { kind, afterBytes: asCount(more.afterBytes, "afterBytes", 0) };
    case "slow":
      return { kind, bytesPerSecond: asCount(more.bytesPerSecond, "bytesPerSecond", 1) };
    case "redirect":
      return { kind, to: more.to === undefined ? privateAddress : asText(more.to, "to") };
    case "status":
      if (!statuses.includes(more.status as number)) throw new Error(`status is one of ${statuses.join(", ")}`);
      return {
        kind,
        status: more.status as FaultStatus,
        ...(more.retryAfter === undefined ? {} : { retryAfter: asCount(more.retryAfter, "retryAfter", 0) }),
      };
    default:
      throw new Error(
        "fault.kind is one of hang, cut, wrong-digest, wrong-length, html, status, redirect-loop, redirect, slow",
      );
  }
}

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${name} is no JSON object`);
}

function asText(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "" && !/[\r\n]/.test(value)) return value;
  throw new Error(`${name} is no text`);
}

function asCount(value: unknown, name: string, from: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= from) return value as number;
  throw new Error(`${name} is no whole number from ${from} on`);
}
