import type { HubSettings } from "./hub-settings.ts";
import type { Terminal } from "./terminal.ts";

export interface RunningHub {
  /** HOST:PORT under which clients on this machine reach it. */
  place: string;
  options: HubSettings["simulator"];
  repositories: readonly string[];
}

/** How to point each client at it. */
export function hubInstructions({ place, options, repositories }: RunningHub, terminal: Terminal): string[] {
  const { style } = terminal;
  const heading = (text: string) => `\n${style("cyan", `# ${text}`)}`;
  return [
    `${style("bold", "chubo hub")} http://${place}  ${describeLimit(options)}`,
    `holds ${repositories.join(", ")}`,
    heading("pull from it by its own address:"),
    `docker pull ${place}/library/httpd:2.4`,
    `podman pull --tls-verify=false ${place}/library/httpd:2.4`,
    `buildah pull --tls-verify=false ${place}/library/httpd:2.4`,
    `skopeo inspect --tls-verify=false docker://${place}/library/httpd:2.4`,
    heading("docker, as a mirror of Docker Hub: /etc/docker/daemon.json, then restart it"),
    `{ "registry-mirrors": ["http://${place}"] }`,
    style("dim", "docker asks the real Docker Hub where a mirror refuses: what it is refused here is a pull there."),
    heading("podman, buildah, skopeo, in the place of Docker Hub: registries.conf"),
    '[[registry]]\nprefix = "docker.io"',
    `location = "${place}"\ninsecure = true`,
    heading("containerd, in the place of Docker Hub: /etc/containerd/certs.d/docker.io/hosts.toml"),
    // Also the server itself, or else containerd goes on to the real one; 1.6 reads no file without a host.
    `server = "http://${place}"\n[host."http://${place}"]\n  capabilities = ["pull", "resolve"]`,
    heading("be the strangers behind your address, and break things:"),
    `curl -d '{"pulls": 40}' http://${place}/_chubo/hub/spend`,
    `curl -d '{"path": "/v2/*", "fault": {"kind": "status", "status": 503}}' http://${place}/_chubo/hub/faults`,
    style("dim", "\nCtrl-C ends it. Requests follow.\n"),
  ];
}

function describeLimit({ anonymous, accounts, remaining }: HubSettings["simulator"]): string {
  const { limit = 100, windowSeconds = 21_600, window } = anonymous ?? {};
  const left = remaining === undefined ? "" : `, of which ${remaining} are left`;
  const names = accounts.map(({ user, tier }) => `${user} (${tier})`).join(", ");
  const logins = names === "" ? "" : `; accounts ${names}`;
  return `${limit} anonymous pulls in ${windowSeconds} s (${window}) for each address${left}${logins}`;
}
