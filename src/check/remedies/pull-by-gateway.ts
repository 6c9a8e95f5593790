import type { Pull } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import type { GatewayAddress } from "./gateway-address.ts";
import { clientAdvice } from "./gateway-clients.ts";
import { moveImages } from "./move-images.ts";
import type { Remedy } from "./remedy.ts";

/**
 * Takes the images of builds and scripts from a `chubo gateway` by its prefix, with which no client goes around it. What is
 * pulled elsewhere (by a CI's runner, a cluster, a developer's docker) is left, with what its client has to be given.
 */
export function pullByGateway(repository: ReadRepository, gateway: GatewayAddress): Remedy {
  const whyNot = (pull: Pull) => (isOfBuild(pull) ? undefined : clientAdvice(pull, gateway));
  const remedy = moveImages(repository, { registry: gateway.host, prefix: "docker.io", whyNot });
  const isPlain = remedy.edits.length > 0 && !gateway.isTrusted;
  return isPlain ? { ...remedy, notes: [insecureNote(gateway)] } : remedy;
}

function isOfBuild({ image: { kind } }: Pull): boolean {
  return kind === "dockerfile" || kind === "dockerfile-syntax" || kind === "command";
}

/** https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
function insecureNote({ host }: GatewayAddress): string {
  return `docker takes images from ${host} only with a certificate (--gateway https://…), or where its daemon.json has { "insecure-registries": ["${host}"] }`;
}
