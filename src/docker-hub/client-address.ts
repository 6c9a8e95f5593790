import type { IncomingMessage } from "node:http";
import { addressKey } from "./pull-limit-key.ts";

export interface AddressRules {
  /** The address that all clients seem to come from; undefined: each has its own. */
  clientAddress: string | undefined;
  /** Whether X-Forwarded-For is believed. */
  trustForwardedFor: boolean;
}

/** What a client's anonymous pulls are counted by. The first address of X-Forwarded-For is its own, the others are proxies'. */
export function addressOf({ clientAddress, trustForwardedFor }: AddressRules, request: IncomingMessage): string {
  const header = trustForwardedFor ? request.headers["x-forwarded-for"] : undefined;
  const first = (Array.isArray(header) ? header[0] : header)?.split(",")[0]?.trim();
  const own = clientAddress ?? addressKey(request.socket.remoteAddress ?? "127.0.0.1");
  if (first === undefined || first === "") return own;
  try {
    return addressKey(first);
  } catch {
    // `unknown` is a word that proxies write there (RFC 7239, 6.2).
    return own;
  }
}

/** Whether the peer is this machine itself, whatever headers say. */
export function isLoopback({ socket }: IncomingMessage): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
}
