/** One manifest request that left for an upstream registry. */
export interface PullRecord {
  /** Milliseconds since 1970. */
  time: number;
  /** Canonical: `docker.io/library/httpd:latest`. */
  reference: string;
  /** `docker.io`, `public.ecr.aws`. */
  registry: string;
  /** Account name, or `anonymous`. */
  as: string;
  /** True where the upstream's answer says that it spent a pull of a limit. */
  counted: boolean;
  source: "upstream";
  /** HTTP status of the upstream's answer. */
  status: number;
  /** What the answer said is left of the limit, where it said so. */
  remaining?: number;
}

export interface PullLedger {
  add(record: PullRecord): void;
  list(): readonly PullRecord[];
}
