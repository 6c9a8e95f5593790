import { type ConfigValue, parseConfigValue } from "../../configuration/config-value.ts";
import { formatImageReference, parseImageReference } from "../../oci/image-reference.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { getByteSize, getDuration } from "./parse-quantity.ts";
import { parseUpstreamConfig } from "./parse-upstream-config.ts";

const keys = [
  ...(["listen", "state", "content", "ledger", "redirectBlobs", "upstreams"] as const),
  ...(["clients", "tls", "space", "wait", "pins"] as const),
] as const;

/** `file` is what errors name. Throws UsageError CONFIG_FILE, CONFIG_KEY, CONFIG_VALUE or CONFIG_UPSTREAM. */
export function parseGatewayConfig(text: string, file: string): GatewayConfig {
  const root = parseConfigValue(text, file);
  if (root.isEmpty()) return { upstreams: [], clients: {}, space: {}, pins: [] };
  const { listen, state, content, ledger, redirectBlobs, upstreams, clients, tls, space, wait, pins } =
    root.fields(keys);
  return {
    ...(listen === undefined ? {} : { listen: parseListen(listen) }),
    ...(state === undefined ? {} : { state: state.text() }),
    ...(content === undefined ? {} : { content: content.text() }),
    ...(ledger === undefined ? {} : { ledger: ledger.text() }),
    ...(redirectBlobs === undefined ? {} : { redirectBlobs: parseFlag(redirectBlobs) }),
    upstreams: (upstreams?.entries() ?? []).map(([name, value]) => parseUpstreamConfig(name, value)),
    clients: parseClients(clients),
    ...(tls === undefined ? {} : { tls: parseTls(tls) }),
    space: parseSpace(space),
    ...(wait === undefined ? {} : { wait: getDuration(wait) }),
    pins: (pins?.list() ?? []).map((pin) => parsePin(pin)),
  };
}

function parseFlag(value: ConfigValue): boolean {
  const text = value.text();
  if (text === "true" || text === "false") return text === "true";
  throw value.refusal(`${value.path} is neither true nor false`);
}

function parseListen(value: ConfigValue): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(value.text()) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(digits) <= 65_535) return { host, port: Number(digits) };
  throw value.refusal("listen is not HOST:PORT", "listen: 127.0.0.1:5000");
}

function parseClients(value: ConfigValue | undefined): GatewayConfig["clients"] {
  const { basic, bearer } = value?.fields(["basic", "bearer"]) ?? {};
  return {
    ...(basic === undefined ? {} : { basic: basic.text() }),
    ...(bearer === undefined ? {} : { bearer: bearer.text() }),
  };
}

function parseTls(value: ConfigValue): { certificate: string; key: string } {
  const { certificate, key } = value.fields(["certificate", "key"]);
  if (certificate !== undefined && key !== undefined) return { certificate: certificate.text(), key: key.text() };
  throw value.refusal("tls needs certificate and key", "tls: { certificate: gateway.pem, key: gateway.key }");
}

function parseSpace(value: ConfigValue | undefined): GatewayConfig["space"] {
  const { maximum, unusedFor } = value?.fields(["maximum", "unusedFor"]) ?? {};
  return {
    ...(maximum === undefined ? {} : { maximumBytes: getByteSize(maximum) }),
    ...(unusedFor === undefined ? {} : { unusedFor: getDuration(unusedFor) }),
  };
}

function parsePin(value: ConfigValue): string {
  try {
    return formatImageReference(parseImageReference(value.text()));
  } catch (error) {
    throw value.refusal((error as Error).message, "such as docker.io/library/httpd:2.4");
  }
}
