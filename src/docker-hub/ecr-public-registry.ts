import type { RegistrySurroundings } from "./docker-hub-registry.ts";
import type { PullLimit } from "./pull-limit.ts";
import { errorAnswer } from "./simulated-answer.ts";
import type { SimulatedRegistry } from "./simulated-registry.ts";
import { openTokenService } from "./token-service.ts";

/** A content host of ECR Public; there have been several. */
const contentHost = "d5l0dvt14r5h8.cloudfront.net";

/**
 * ECR Public with Docker's official images below `docker/library`. It never sends limit headers.
 * `pullsPerSecond` is its quota for one address without login (documented as 1); undefined: not enforced.
 */
export function createEcrPublicRegistry(
  pullsPerSecond: number | undefined,
  around: RegistrySurroundings,
): SimulatedRegistry {
  const { images, now, counter, links } = around;
  const tokens = openTokenService({
    issuer: "public.ecr.aws",
    accounts: [],
    mayPull: () => false,
    pullParameters: () => undefined,
    now,
  });
  const limit: PullLimit | undefined =
    pullsPerSecond === undefined
      ? undefined
      : { limit: pullsPerSecond, windowSeconds: 1, window: "rolling", manifestGetsPerPull: 2, countRejected: false };
  return {
    tokens,
    service: "public.ecr.aws",
    // The scope is "aws" for each repository: one token is good for all of them.
    challenge: ({ baseUrl }) =>
      `Bearer realm="${baseUrl("public.ecr.aws")}/token/",service="public.ecr.aws",scope="aws"`,
    findRepository: async (name) =>
      name.startsWith("docker/library/") ? images.find(name.slice("docker/".length)) : undefined,
    mayPull: () => true,
    unknownRepository(name) {
      const [alias, ...rest] = name.split("/");
      const message = `The repository with name '${rest.join("/")}' does not exist in the registry with id '${alias}'`;
      return errorAnswer(404, "NAME_UNKNOWN", message);
    },
    limitMessage: "Rate exceeded",
    blobUrl: ({ baseUrl }, digest) => `${baseUrl(contentHost)}${links.formatLink(digest)}`,
    countPull(_holder, { address }, isFree) {
      if (limit === undefined || isFree) return undefined;
      const { allowed } = counter.count(address, now(), limit);
      return { allowed, counted: allowed, remaining: undefined, headers: {} };
    },
  };
}
