import type { Agent } from "node:http";

/** Bytes that one read of a socket may bring: an answer's body comes in pieces as large. */
const receiveSize = 256 * 1024;

/**
 * Makes all connections of the agent read into the same memory. Otherwise each read of at most 64 KiB gets memory of its own,
 * which comes on fresh pages and which a collector has to find. It may be shared: a read is parsed before the next one begins,
 * and the parser copies the body out of it (`on_body` in Node's src/node_http_parser.cc).
 */
export function receiveTogether<A extends Agent>(agent: A): A {
  const memory = Buffer.allocUnsafeSlow(receiveSize);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const take = (size: number) => {
      socket?.emit("data", memory.subarray(0, size));
      return true;
    };
    const socket = connect({ ...options, onread: { buffer: memory, callback: take } } as typeof options, callback);
    return socket;
  };
  return agent;
}
