/** How a gateway answered a pull, for metrics: `stale` was stored and could not be confirmed. */
export type PullOutcome = "hit" | "miss" | "stale" | "absent" | "failed";

export interface PullEvent {
  /** Registry that was pulled from: `docker.io`. */
  upstream: string;
  kind: "manifest" | "blob";
  outcome: PullOutcome;
}
