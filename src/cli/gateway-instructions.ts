import type { Terminal } from "./terminal.ts";

export interface RunningGateway {
  /** `http://127.0.0.1:5000` */
  url: string;
  upstreams: readonly string[];
  /** PEM file of the system's roots and the gateway's own authority. */
  bundleFile: string;
}

/** How to point clients at it; docs/gateway.md has them all. */
export function gatewayInstructions({ url, upstreams, bundleFile }: RunningGateway, terminal: Terminal): string[] {
  const { style } = terminal;
  const place = new URL(url).host;
  const heading = (text: string) => `\n${style("cyan", `# ${text}`)}`;
  return [
    `${style("bold", "chubo gateway")} ${url}  pulls from ${upstreams.join(", ")}`,
    heading("docker, as its mirror of Docker Hub: /etc/docker/daemon.json, then restart it"),
    `{ "registry-mirrors": ["${url}"] }`,
    heading("any client, any registry: the registry's name before the repository"),
    `docker pull ${place}/docker.io/library/httpd:2.4`,
    heading("any client under the real names: through the proxy, with this authority trusted"),
    `HTTPS_PROXY=${url} SSL_CERT_FILE=${bundleFile}`,
    style(
      "dim",
      "\npodman, buildah, skopeo, containerd, BuildKit, kaniko: docs/gateway.md. Ctrl-C ends it. Requests follow.\n",
    ),
  ];
}
