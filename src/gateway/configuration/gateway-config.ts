import type { Credentials } from "../identities/identity.ts";

/** A gateway as its owner wants it: what a configuration file can say. What is absent has the default of docs/gateway.md. */
export interface GatewayConfig {
  listen?: { host: string; port: number };
  /** State directory; a path as written, from the file's directory on. */
  state?: string;
  /** `s3://BUCKET/PREFIX`, for several replicas. */
  content?: string;
  /** `redis://HOST:PORT`, for several replicas. */
  ledger?: string;
  /** Clients read stored blobs from the bucket itself. */
  redirectBlobs?: boolean;
  upstreams: readonly UpstreamConfig[];
  /** Files of those who may pull: lines of USER:PASSWORD, lines of tokens. */
  clients: { basic?: string; bearer?: string };
  /** PEM files. */
  tls?: { certificate: string; key: string };
  space: { maximumBytes?: number; unusedFor?: number };
  /** Milliseconds that a client is held while no pull is left. */
  wait?: number;
  /** Images that are fetched at the start and never make room for others. */
  pins: readonly string[];
}

export interface UpstreamConfig {
  /** As references name it: `docker.io`. */
  name: string;
  /** Where it is reached instead of under its own name. */
  url?: string;
  /** PEM file of further authorities that its certificate may come from; a path as written. */
  ca?: string;
  identities?: readonly IdentityConfig[];
  /** Patterns of repositories; all where absent. */
  allow?: readonly string[];
  tags?: readonly TagRule[];
  /** Of Docker Hub alone. */
  fallback?: "digest" | "tag" | "off";
}

/** Where identities come from; some of these give several. */
export type IdentityConfig =
  | { kind: "anonymous" }
  | { kind: "environment" }
  | { kind: "docker-config" }
  | { kind: "aws" }
  | { kind: "account"; account: Credentials }
  | { kind: "password-file"; username: string; file: string }
  | { kind: "credentials-file"; file: string }
  | { kind: "helper"; helper: string }
  | { kind: "secret"; secretId: string };

export interface TagRule {
  /** Pattern of `REPOSITORY:TAG`, where `*` stands for anything. */
  match: string;
  /** Milliseconds. */
  timeToLive: number;
}

/** Nothing but what its owner wrote down is pulled from, and these. */
export const wellKnownRegistries: readonly string[] = [
  "docker.io",
  "public.ecr.aws",
  "ghcr.io",
  "quay.io",
  "registry.k8s.io",
  "mcr.microsoft.com",
];

const minute = 60_000;

/**
 * The first that matches. Docker's official images are rebuilt a few times a month, so that an hour is no loss; any other
 * tag may be the one that the build before this one pushed.
 */
export const defaultTagRules: readonly TagRule[] = [
  { match: "library/*:latest", timeToLive: 10 * minute },
  { match: "library/*", timeToLive: 60 * minute },
  { match: "*", timeToLive: 5 * minute },
];

/** Milliseconds. */
export const defaultWait = 20_000;
