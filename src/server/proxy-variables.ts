import { engineProxyVariables } from "../containers/engine-proxy-variables.ts";

/** The container credentials endpoint, which a build must reach directly. */
const credentialsAddress = "169.254.170.2";

/**
 * Variables that send a process through the one port and make it trust the port's certificates.
 * Each tool reads its own: Go and OpenSSL `SSL_CERT_FILE`, the AWS CLI and SDKs for Python `AWS_CA_BUNDLE`, and so on.
 * curl and apt read only the lower-case `http_proxy`.
 */
export function proxyVariables(options: {
  proxyUrl: string;
  bundleFile: string;
  /** Names of services beside the build. */
  services?: readonly string[];
}): Record<string, string> {
  const { proxyUrl, bundleFile, services = [] } = options;
  return {
    ...engineProxyVariables({ proxyUrl, caBundle: bundleFile, directHosts: [credentialsAddress, ...services] }),
    AWS_CA_BUNDLE: bundleFile,
    REQUESTS_CA_BUNDLE: bundleFile,
    CURL_CA_BUNDLE: bundleFile,
    NODE_EXTRA_CA_CERTS: bundleFile,
    // Node's own fetch and agents read the proxy variables only when told so.
    NODE_USE_ENV_PROXY: "1",
    GIT_SSL_CAINFO: bundleFile,
    PIP_CERT: bundleFile,
    CARGO_HTTP_CAINFO: bundleFile,
    DENO_CERT: bundleFile,
  };
}
