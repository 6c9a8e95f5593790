import type { JobRunner } from "../build-job.ts";
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

/** For a job whose own steps pull, and whose client it cannot be given by an edit. */
export function jobAdvice(runner: JobRunner, gateway: GatewayAddress): Advice {
  switch (runner) {
    case "codebuild":
      return {
        message:
          "docker does not make all of its pulls, or the project is not privileged: podman and buildah take this",
        snippet: containersRegistry(gateway),
      };
    case "github-actions":
      return {
        message: "put this step before its builds; docker itself takes a mirror on runners of your own only",
        snippet: buildxMirror(gateway),
      };
    default:
      return {
        message: "give the docker of a machine of your own that runs it the mirror",
        snippet: dockerMirror(gateway),
      };
  }
}

/** https://docs.docker.com/build/ci/github-actions/configure-builder/#buildkit-daemon-configuration */
function buildxMirror({ host, url }: GatewayAddress): string {
  return [
    "- uses: docker/setup-buildx-action@v3",
    "  with:",
    `    driver-opts: image=${host}/docker.io/moby/buildkit:buildx-stable-1`,
    "    buildkitd-config-inline: |",
    '      [registry."docker.io"]',
    `        mirrors = ["${host}"]`,
    ...(url.startsWith("https:") ? [] : [`      [registry."${host}"]`, "        http = true"]),
  ].join("\n");
}

/** https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md */
function containersRegistry({ host, url }: GatewayAddress): string {
  return [
    "/etc/containers/registries.conf.d/chubo.conf",
    "[[registry]]",
    'prefix = "docker.io"',
    `location = "${host}/docker.io"`,
    ...(url.startsWith("https:") ? [] : ["insecure = true"]),
  ].join("\n");
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
function dockerMirror({ url }: GatewayAddress): string {
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
