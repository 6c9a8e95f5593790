import type * as Sdk from "@aws-sdk/client-ecr";
import type { Operations } from "../../aws-api/service.ts";
import type { Store } from "../../store/store.ts";
import type { AuthorizationTokens } from "./authorization-token.ts";
import type { EcrRegion } from "./ecr-store.ts";
import { imageOperations } from "./image-operations.ts";
import { layerOperations } from "./layer-operations.ts";
import { lifecycleOperations } from "./lifecycle-operations.ts";
import { policyOperations } from "./policy-operations.ts";
import { pullThroughOperations } from "./pull-through/pull-through-operations.ts";
import type { UpstreamRegistries } from "./pull-through/upstream-registry.ts";
import { repositoryOperations } from "./repository-operations.ts";
import { tokenOperations } from "./token-operations.ts";

/** What ECR's operations share. */
export interface EcrRoom {
  account: string;
  tokens: AuthorizationTokens;
  store: Store;
  upstreams: UpstreamRegistries;
  regionOf(region: string): EcrRegion;
  now(): Date;
}

export type EcrOperations = Operations<typeof Sdk>;

export function ecrOperations(room: EcrRoom): EcrOperations {
  return {
    ...tokenOperations(room),
    ...repositoryOperations(room),
    ...policyOperations(room),
    ...lifecycleOperations(room),
    ...imageOperations(room),
    ...layerOperations(room),
    ...pullThroughOperations(room),
  };
}
