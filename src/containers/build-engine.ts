import type { DockerClient } from "./docker-client.ts";

/** A container engine that belongs to this process, or to one of its builds: own data, own socket, nothing shared. */
export interface BuildEngine {
  kind: "docker" | "podman";
  /** For people: which daemon, which client, and why that client. */
  description: string;
  /** It began with layers of earlier builds; undefined where it keeps none. */
  hasLayers?: boolean;
  /** Directory that comes first on the build's PATH; holds `docker`. */
  binDirectory: string;
  /** Variables for the build's processes, DOCKER_HOST among them. */
  environment: Record<string, string>;
  /** It has ended, whether or not somebody has asked for it. */
  hasEnded(): boolean;
  /** Ends the daemon and everything under it, unmounts, removes its data. Never throws for what is gone already. */
  stop(): Promise<void>;
}

export interface BuildEngineOptions {
  engine: "auto" | "docker" | "podman";
  /** A private directory (0700) with a short path: unix sockets allow 107 bytes. */
  directory: string;
  /** `http://127.0.0.1:PORT` of the one port, for the daemon's and the client's pulls. */
  proxyUrl: string;
  /** PEM bundle: the system's roots and the port's own CA. */
  caBundle: string;
  /** PATH to look for engines in. */
  path: string;
  /** For containers that share the machine's network: a Docker daemon gets no bridge, and the machine no rules. */
  network?: "none";
  /** A directory of this machine that a Docker daemon is to see at another path, for what the build mounts from there. */
  shared?: { source: string; target: string };
  /** A directory whose layers a Docker daemon is to begin with, and to leave its own in. No other engine has it meanwhile. */
  layers?: string;
  /** The docker clients on that path, where they have been looked at already. */
  dockerClients?: readonly DockerClient[];
  signal?: AbortSignal;
}
