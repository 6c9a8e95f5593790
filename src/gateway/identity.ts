/** As whom a gateway asks an upstream registry. */
export interface Identity {
  /** Account name, or `anonymous`; what ledger, metrics and messages call it. */
  name: string;
  /** Undefined for anonymous. Asked when a token is fetched, since helpers and secret stores answer later and change. */
  credentials?(): Promise<Credentials>;
  /** Their login was refused: they are read again at the next use. True where that may give newer ones. */
  discardCredentials?(): boolean;
}

/** Never logged, never in an error, never in argv. */
export interface Credentials {
  username: string;
  password: string;
  /** The password is an OAuth2 refresh token, as docker stores it for some registries: sent as such, never as Basic. */
  isRefreshToken?: boolean;
}

/** What is known of an identity's allowance, from the newest answer that told. */
export interface IdentityStanding {
  identity: Identity;
  /** Pulls in a window; undefined where unlimited or not yet told. */
  limit?: number;
  remaining?: number;
  windowSeconds?: number;
  /** `docker-ratelimit-source`: the address or account that is charged. */
  source?: string;
  /** Milliseconds since 1970: until then it is not asked, after a 429 or a refused login. */
  restsUntil?: number;
}

/** Of an answer, what an IdentityPool learns from. */
export interface ObservedAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** What the body of a 429 says, for whoever has read it; the headers are judged where absent. */
  limit?: "pull-limit" | "abuse-limit";
}

/** The identities that the gateway's owner may use at one upstream, and what is left of each. */
export interface IdentityPool {
  /** Those worth asking now, most remaining first; what nothing is known of counts as full. */
  candidates(): Identity[];
  /** Learns from an answer's headers and status. */
  observe(identity: Identity, answer: ObservedAnswer): void;
  /** Milliseconds since 1970 when the first of the resting ones may be asked again; undefined where none rests. */
  nextFree(): number | undefined;
  standings(): IdentityStanding[];
}
