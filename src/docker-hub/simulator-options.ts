import type { Server } from "node:http";
import type { DockerHubAccount } from "./account-tier.ts";
import type { FaultRule } from "./fault.ts";
import type { FaultInjection } from "./fault-injection.ts";
import type { PullControl, Puller } from "./pull-control.ts";
import type { PullLimit } from "./pull-limit.ts";
import type { SimulatedRequest } from "./request-log.ts";

export interface SimulatorOptions {
  accounts: readonly DockerHubAccount[];
  /** Anonymous pulls that strangers left for each client's address; they pulled just now. All where absent. */
  remaining?: number;
  /**
   * The address that all clients seem to come from, such as one that CodeBuild's customers share. Absent: each client
   * has its own, the peer of its connection.
   */
  clientAddress?: string;
  /** Take the client's address from X-Forwarded-For where it is sent. */
  trustForwardedFor?: boolean;
  anonymous?: Partial<PullLimit>;
  personal?: Partial<PullLimit>;
  /** Seconds after `w=` in headers; live answers of 2026 said 3600 while tokens said 21600. */
  headerWindow?: number;
  tokenWindow?: number;
  /** What a refused client is told; see `pullLimitTexts`. */
  limitMessage?: string;
  /** Seconds in Retry-After of a refusal; not sent where absent. */
  retryAfter?: number;
  /** Requests of any kind in a minute from one address; unlimited where absent. */
  abuseLimit?: number;
  /** ECR Public's quota without login; not enforced where absent. */
  ecrPublicPullsPerSecond?: number;
  /** Milliseconds before each answer. */
  latency?: number;
  /** Of each answer's body. */
  bytesPerSecond?: number;
  faults?: readonly FaultRule[];
  /**
   * Where clients reach the token services and blobs. Absent: `https://HOST` for clients that come by a real host
   * name through a proxy, and this server itself for those that come by its own address.
   */
  realmBase?: string;
  /** A static busybox, where it is not at its usual places. */
  busyboxFile?: string;
  /** Directory of OCI image layouts and `docker save` archives, served beside the stock and before it. */
  imagesDirectory?: string;
  /** Port on 127.0.0.1; a free one where absent. */
  port?: number;
  /** Listens in place of that, and resolves with the port. */
  listen?(server: Server): Promise<number>;
  /** Is told each request when its answer has ended. */
  onRequest?(request: SimulatedRequest): void;
  /** Is told what failed in the simulator itself; the client's connection was ended. */
  onDefect?(error: unknown): void;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface DockerHubSimulator {
  url: string;
  port: number;
  /** Names of the repositories that it holds. */
  repositories(): string[];
  /** Without `puller`: whoever comes from `clientAddress`, or else from 127.0.0.1. */
  setRemaining(remaining: number, puller?: Puller): void;
  /** Pulls that strangers make now at an address, or others by an account. */
  spend(pulls: number, puller?: Puller): void;
  pulls(): ReturnType<PullControl["list"]>;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Faults that have requests left to meet. */
  faults(): ReturnType<FaultInjection["list"]>;
  /** What was asked, oldest first; the newest 10,000. */
  requests(): readonly SimulatedRequest[];
  stop(): Promise<void>;
}
