import type { Server } from "node:http";
import { UsageError } from "../usage-error.ts";

export interface ListenOptions {
  /** An address of this machine: 127.0.0.1, unless its user wants others to reach the port. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Takes the next free port where `port` is busy. */
  nextFree?: boolean;
}

/** Neighbours tried before any free port will do. */
const neighbours = 20;

/** Resolves with the port once the server listens. Throws CONFIG_PORT_BUSY, CONFIG_PORT_DENIED or CONFIG_HOST. */
export async function listenOnPort(server: Server, options: ListenOptions): Promise<number> {
  const { host, port, nextFree } = options;
  const last = Math.min(port + neighbours, 65_535);
  for (let candidate = port; ; candidate = candidate < last ? candidate + 1 : 0) {
    try {
      return await listen(server, candidate, host);
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!(isBusy && nextFree && candidate !== 0)) throw explain(error as NodeJS.ErrnoException, options);
    }
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as { port: number }).port);
    });
  });
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenOptions): Error {
  const cause = error;
  switch (error.code) {
    case "EADDRINUSE":
      return new UsageError("CONFIG_PORT_BUSY", `port ${port} on ${host} is in use by another program`, {
        cause,
        hint: "another `chubo up` or LocalStack may hold it; end that, or choose another port with --port N",
      });
    case "EACCES":
      return new UsageError("CONFIG_PORT_DENIED", `port ${port} may not be opened by this user`, {
        cause,
        hint: "choose a port above 1023 with --port N",
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UsageError("CONFIG_HOST", `${host} is no address of this machine`, { cause });
    default:
      return error;
  }
}
