import type { BuildStep, MirrorClient, MirrorStep } from "../build-job.ts";

/** Others' public mirrors have some of Docker Hub's images, and leave the rest to it. */
const partialMirrors = /^(?:https?:\/\/)?(?:[\w-]+\.)?mirror\.gcr\.io\b/;

/**
 * The mirror of Docker Hub that the client of a step was given before it. Every client asks there first, and Docker Hub only
 * where that refuses or is not to be reached.
 */
export function mirrorOfStep(steps: readonly BuildStep[], index: number): MirrorStep | undefined {
  const step = steps[index];
  if (step === undefined) return undefined;
  const clients = clientsOfStep(step);
  return steps.slice(0, index).findLast((one): one is MirrorStep => {
    if (one.kind !== "mirror" || one.client === undefined || !clients.includes(one.client)) return false;
    // An option holds for its own command.
    if (one.client === "kaniko" && one.range.start !== step.range.start) return false;
    return one.url === undefined || !partialMirrors.test(one.url);
  });
}

/** Whose mirrors a step heeds. */
export function clientsOfStep(step: BuildStep): readonly MirrorClient[] {
  switch (step.kind) {
    case "pull": {
      const { site } = step.image;
      if (/^docker\b/.test(site)) return ["docker"];
      if (/^(?:podman|buildah|skopeo)\b/.test(site)) return ["containers"];
      return /^(?:ctr|crictl|nerdctl)\b/.test(site) ? ["containerd"] : [];
    }
    case "compose":
      return ["docker"];
    case "build":
      return clientsOfTool[step.tool];
    default:
      return [];
  }
}

/** Which of its builders buildx takes is not known: docker's own, or a BuildKit beside it. */
const clientsOfTool: Record<Extract<BuildStep, { kind: "build" }>["tool"], readonly MirrorClient[]> = {
  docker: ["docker"],
  compose: ["docker"],
  buildx: ["docker", "buildkit"],
  bake: ["docker", "buildkit"],
  action: ["docker", "buildkit"],
  podman: ["containers"],
  buildah: ["containers"],
  kaniko: ["kaniko"],
};
