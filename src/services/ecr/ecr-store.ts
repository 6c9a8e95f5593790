import { createRegistry, type PushEvent, type Registry, type RegistryPolicy } from "../../registry/registry.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import { cacheReads } from "../../store/cached-reads.ts";
import type { HeldContent } from "../../store/held-content.ts";
import type { Collection, Store } from "../../store/store.ts";
import { repositoryMissing, repositoryNotFound, tagIsImmutable } from "./ecr-errors.ts";
import type { PulledTag } from "./pull-through/pull-through-content.ts";
import type { PullThroughRule } from "./pull-through/pull-through-rule.ts";
import { isTagMutable, type LifecyclePreview, type RepositoryRecord, registryHost } from "./repository.ts";

export interface EcrStoreParts {
  store: Store;
  content: HeldContent;
  account: string;
  onPush?: (event: EcrPushEvent) => void;
  now(): Date;
}

/** A push under `ACCOUNT.dkr.ecr.REGION.amazonaws.com`. */
export type EcrPushEvent = PushEvent & { registry: string };

/** One region's private registry: the repositories of the control plane over the content of the wire. */
export interface EcrRegion {
  region: string;
  repositories: Collection<RepositoryRecord>;
  /** By repository. */
  lifecyclePreviews: Collection<LifecyclePreview>;
  /** By prefix. */
  pullThroughRules: Collection<PullThroughRule>;
  /** Tags that came from an upstream, under `REPOSITORY:TAG`. */
  pulledTags: Collection<PulledTag>;
  registry: Registry;
  /** Throws RepositoryNotFoundException. A registry ID other than the account's has no repositories here. */
  getRepository(input: { repositoryName?: string | undefined; registryId?: string | undefined }): RepositoryRecord;
}

export interface EcrRegions {
  regionOf(region: string): EcrRegion;
  /** Those that were used in this process. */
  list(): EcrRegion[];
}

/** Regions come into being on first use. */
export function createEcrRegions(parts: EcrStoreParts): EcrRegions {
  const regions = new Map<string, EcrRegion>();
  return {
    regionOf(region) {
      const known = regions.get(region) ?? createRegion(parts, region);
      regions.set(region, known);
      return known;
    },
    list: () => [...regions.values()],
  };
}

function createRegion(parts: EcrStoreParts, region: string): EcrRegion {
  const { store, content, account, onPush, now } = parts;
  const repositories = store.collection<RepositoryRecord>(`ecr-repository ${region}`);
  const host = registryHost({ account, region });
  return {
    region,
    repositories,
    lifecyclePreviews: store.collection(`ecr-lifecycle-preview ${region}`),
    pullThroughRules: store.collection(`ecr-pull-through-rule ${region}`),
    pulledTags: store.collection(`ecr-pulled-tag ${region}`),
    registry: createRegistry({
      store,
      content,
      name: `ecr/${region}`,
      policy: repositoryPolicy(repositories, account),
      ...(onPush === undefined ? {} : { onPush: (event) => onPush({ ...event, registry: host }) }),
      now,
    }),
    getRepository({ repositoryName = "", registryId = account }) {
      const record = registryId === account ? repositories.get(repositoryName) : undefined;
      if (record === undefined) throw repositoryNotFound({ repositoryName, registryId });
      return record;
    },
  };
}

/** What ECR asks beyond the distribution spec: a repository is created first, and its tags may be immutable. */
function repositoryPolicy(repositories: Collection<RepositoryRecord>, account: string): RegistryPolicy {
  const find = cacheReads(repositories);
  return {
    checkRepository(repositoryName) {
      if (find(repositoryName) !== undefined) return;
      throw new RegistryError("NAME_UNKNOWN", { message: repositoryMissing({ repositoryName, registryId: account }) });
    },
    checkTagOverwrite(repository, tag, existing, digest) {
      const record = repositories.get(repository);
      if (existing === digest || record === undefined || isTagMutable(record, tag)) return;
      throw new RegistryError("TAG_INVALID", { message: tagIsImmutable(repository, tag) });
    },
  };
}
