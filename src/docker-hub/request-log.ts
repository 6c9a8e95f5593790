/** One request to the simulator. No queries and no other headers: they carry tokens and account names. */
export interface SimulatedRequest {
  /** Milliseconds since 1970. */
  time: number;
  host: string;
  method: string;
  path: string;
  /** What anonymous pulls are counted by. */
  address: string;
  userAgent: string | undefined;
  /** The account of its token; undefined for anonymous ones and for none. */
  account: string | undefined;
  /** 0 where nothing was answered. */
  status: number;
  /** Whether it was taken from the pull limit of its address or account. */
  counted: boolean;
  /** Pulls left after it, where the answer says so. */
  remaining: number | undefined;
  /** Of the body, as far as it has been sent. */
  bytes: number;
  /** Kind of the fault that it met. */
  fault: string | undefined;
}

export interface RequestLog {
  /** Entered when the answer begins; its bytes grow while the answer is sent. */
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
