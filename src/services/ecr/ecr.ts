import type { IncomingMessage, ServerResponse } from "node:http";
import type * as Sdk from "@aws-sdk/client-ecr";
import type { Authorizer, Operations, Principal } from "../../aws-api/service.ts";
import { createRegistryHandler } from "../../registry/registry-http.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import { createAuthorizationTokens } from "./authorization-token.ts";
import { type EcrSession, ecrRegistryAccess, findDenial } from "./ecr-registry-access.ts";
import { createEcrRegions, type EcrStoreParts } from "./ecr-store.ts";
import { expireImages } from "./expire-images.ts";
import { ecrOperations } from "./operations.ts";
import { openPullThrough } from "./pull-through/pull-through-content.ts";
import type { UpstreamRegistries } from "./pull-through/upstream-registry.ts";
import { parseRegistryHost } from "./registry-host.ts";

export interface EcrParts extends EcrStoreParts {
  /** Region of registry requests whose host names none, such as `127.0.0.1:4566`. */
  region: string;
  secretBox: SecretBox;
  authorizer: Authorizer;
  /** Of pull-through cache rules. */
  upstreams: UpstreamRegistries;
  /** False for a role session that has ended. */
  isLive(principal: Principal): boolean;
  newRequestId(): string;
  onDefect?: (error: unknown, requestId: string) => void;
}

/** Amazon ECR: the control plane and the registry hosts over the same content. */
export interface Ecr {
  operations: Operations<typeof Sdk>;
  /** Requests under `/v2/`, for `ACCOUNT.dkr.ecr.REGION.amazonaws.com` and for localhost. */
  handleRegistryRequest(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Carries out the lifecycle policies; AWS does within a day of the time that an image expires. */
  expireImages(): void;
}

type Handler = ReturnType<typeof createRegistryHandler>;

export function createEcr(parts: EcrParts): Ecr {
  const { regionOf, list } = createEcrRegions(parts);
  // Its lifecycle policies are carried out even if nobody asks for anything.
  regionOf(parts.region);
  const tokens = createAuthorizationTokens(parts.secretBox, parts.now);
  const handlers = new Map<string, Handler>();

  function makeHandler(place: { region: string; registryId: string }): Handler {
    const region = regionOf(place.region);
    const access = { ...parts, tokens };
    const pullThrough = openPullThrough(region, parts);
    return createRegistryHandler<EcrSession>({
      content: region.registry,
      registry: region.registry,
      contentFor: (session) =>
        pullThrough.contentFor((operation, repositoryName) => {
          if (session.kind === "link") return false;
          return findDenial(access, place, session, { operation, repositoryName }) === undefined;
        }),
      access: ecrRegistryAccess(access, place),
      messages: { MANIFEST_UNKNOWN: "Requested image not found" },
      ...(parts.onDefect === undefined ? {} : { onDefect: parts.onDefect }),
    });
  }

  return {
    operations: ecrOperations({ ...parts, tokens, regionOf }),
    expireImages() {
      for (const region of list()) expireImages(region, parts.now());
    },
    handleRegistryRequest(request, response) {
      const host = parseRegistryHost(request.headers.host);
      const place = host ?? { region: parts.region, registryId: parts.account };
      const key = `${place.registryId} ${place.region}`;
      const handler = handlers.get(key) ?? makeHandler(place);
      // Only hosts of the account are worth keeping: anybody can send any other name.
      if (place.registryId === parts.account) handlers.set(key, handler);
      return handler(request, response);
    },
  };
}
