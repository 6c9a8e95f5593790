/**
 * Sends an engine's and its client's pulls through the one port, which makes its own certificates. Nothing but this
 * machine is left out, and what the caller names: NO_PROXY must never name a registry.
 */
export function engineProxyVariables(options: {
  proxyUrl: string;
  caBundle: string;
  directHosts?: readonly string[];
}): Record<string, string> {
  const { proxyUrl, caBundle, directHosts = [] } = options;
  const direct = ["127.0.0.1", "localhost", ...directHosts].join(",");
  return {
    HTTPS_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    http_proxy: proxyUrl,
    NO_PROXY: direct,
    no_proxy: direct,
    SSL_CERT_FILE: caBundle,
  };
}
