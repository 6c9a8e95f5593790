/** One request to the simulator. No queries and no headers: they carry tokens and account names. */
export interface SimulatedRequest {
  /** Milliseconds since 1970. */
  time: number;
  host: string;
  method: string;
  path: string;
  status: number;
  /** The account of its token; undefined for anonymous ones and for none. */
  account: string | undefined;
}

export interface RequestLog {
  add(request: SimulatedRequest): void;
  /** Oldest first. */
  list(): readonly SimulatedRequest[];
}

export function createRequestLog(maximum = 10_000): RequestLog {
  const requests: SimulatedRequest[] = [];
  return {
    add(request) {
      requests.push(request);
      if (requests.length > maximum) requests.shift();
    },
    list: () => requests,
  };
}
