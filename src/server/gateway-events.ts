import type { BudgetWarning } from "../gateway/identities/budget-warnings.ts";
import type { PullOutcome } from "../gateway/pull-events.ts";
import type { UpstreamExchange } from "../gateway/upstream/upstream-exchange.ts";

/** A client's request, told when its answer has ended. */
export interface ServedRequest {
  /** Milliseconds since 1970. */
  time: number;
  client: string;
  method: string;
  /** Path and query, as the client sent them. */
  path: string;
  /** Canonical; undefined where the request names none. */
  repository: string | undefined;
  status: number;
  /** Sent to the client, head included. */
  bytes: number;
  milliseconds: number;
  /** Undefined where it waited for another client's pull of the same, or asked for no content. */
  outcome: PullOutcome | undefined;
  /** False where the client went away, or the answer broke off. */
  complete: boolean;
}

/** What a gateway tells its owner. Nothing in it is secret. */
export interface GatewayObserver {
  /** Costs something for each request: absent where nobody looks. */
  onRequest?(request: ServedRequest): void;
  onExchange?(exchange: UpstreamExchange): void;
  /** An identity has few pulls left. */
  onBudget(upstream: string, warning: BudgetWarning): void;
  onLoginRefused(upstream: string, identity: string): void;
  /** Something to know, such as a source of credentials that cannot be read. */
  onNote(message: string): void;
  onDefect(error: unknown): void;
}
