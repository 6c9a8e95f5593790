import type { Pull } from "../judge/repository.ts";
import type { GatewayAddress } from "./gateway-address.ts";
import type { LeftOver } from "./remedy.ts";

/** What is told of a pull whose client has to be set up by whoever owns it. */
type Advice = Pick<LeftOver, "message" | "snippet">;

/** How the client that pulls an image outside of builds is made to ask the gateway; docs/gateway.md has the same. */
export function clientAdvice({ image, file, job }: Pull, gateway: GatewayAddress): Advice {
  switch (image.kind) {
    case "deployment":
      return deploymentAdvice(file.kind, gateway);
    case "runner":
      if (job?.job.runner === "codebuild") {
        const message =
          "CodeBuild pulls it itself, before the first command, and knows no mirror; keep a copy of it in ECR";
        return { message };
      }
      return {
        message: "its runner pulls it before the first step: give the docker of a runner of your own the mirror",
        snippet: dockerMirror(gateway),
      };
    case "tool":
      return {
        message: "a tool of the job pulls it by the runner's docker: give that of a runner of your own the mirror",
        snippet: dockerMirror(gateway),
      };
    default:
      return {
        message: "pulled by the docker of whoever starts it: give that the mirror",
        snippet: dockerMirror(gateway),
      };
  }
}

function deploymentAdvice(fileKind: string, gateway: GatewayAddress): Advice {
  if (/^(?:Kubernetes|Helm|Kustomiz|Skaffold)/.test(fileKind)) {
    return {
      message: "pulled by the containerd of the cluster's nodes: give that the mirror",
      snippet: containerdMirror(gateway),
    };
  }
  const message = "pulled where AWS runs it, which knows no mirror";
  return gateway.url.startsWith("https:")
    ? { message: `${message}: name ${gateway.host}/docker.io/… where that reaches it` }
    : { message: `${message} and nothing without TLS: give the gateway a certificate, or keep a copy in ECR` };
}

/** https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file */
export function dockerMirror({ url }: GatewayAddress): string {
  return `/etc/docker/daemon.json\n{ "registry-mirrors": ["${url}"] }`;
}

/** https://github.com/containerd/containerd/blob/main/docs/hosts.md */
function containerdMirror({ url }: GatewayAddress): string {
  const lines = [
    'server = "https://registry-1.docker.io"',
    "",
    `[host."${url}"]`,
    '  capabilities = ["pull", "resolve"]',
  ];
  return ["/etc/containerd/certs.d/docker.io/hosts.toml", ...lines].join("\n");
}
