import { UsageError } from "../../usage-error.ts";

/** Where the clients of a `chubo gateway` reach it. */
export interface GatewayAddress {
  /** HOST or HOST:PORT, as an image's registry is written. */
  host: string;
  /** As a mirror is written. */
  url: string;
  /** It speaks TLS, or is this machine: docker takes nothing else as an image's registry unless it is told to. */
  isTrusted: boolean;
}

/** The first part of a reference is a registry only with a dot, a port or as `localhost`. */
const hostShape = /^(?:[a-z\d-]+(?:\.[a-z\d-]+)+|[a-z\d.-]+(?=:)|localhost|\[[\da-f:]+\])(?::\d{1,5})?$/i;

/** `HOST:PORT`, or with `http://` or `https://` before it; throws UsageError CHECK_GATEWAY. */
export function parseGatewayAddress(text: string): GatewayAddress {
  const [, scheme = "http", host = ""] = /^(?:(https?):\/\/)?([^/]*)\/?$/.exec(text) ?? [];
  if (!hostShape.test(host)) {
    throw new UsageError("CHECK_GATEWAY", `--gateway takes HOST:PORT, not: ${text}`, {
      hint: "for example --gateway 10.0.0.5:5000, or https://gateway.example",
    });
  }
  const isLoopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::|$)/i.test(host);
  return { host, url: `${scheme}://${host}`, isTrusted: scheme === "https" || isLoopback };
}
