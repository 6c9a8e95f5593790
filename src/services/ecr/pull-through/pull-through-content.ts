import { isDigest } from "../../../oci/digest.ts";
import type { RegistryContent } from "../../../registry/registry-content.ts";
import { RegistryError } from "../../../registry/registry-error.ts";
import { repositoryMissing } from "../ecr-errors.ts";
import type { EcrRegion } from "../ecr-store.ts";
import { newRepository } from "../repository.ts";
import { importImage } from "./import-image.ts";
import { findRule, type PullThroughRule, registryOf } from "./pull-through-rule.ts";
import type { UpstreamRegistries, UpstreamRegistry } from "./upstream-registry.ts";

/** When a tag was last compared with the upstream's. */
export interface PulledTag {
  tag: string;
  checkedAt: number;
}

export interface PullThroughParts {
  upstreams: UpstreamRegistries;
  account: string;
  now(): Date;
}

/** Milliseconds: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html, considerations */
const checkInterval = 24 * 3600 * 1000;

/** Whether who pulls may do this in the repository. */
export type MayDo = (operation: "BatchImportUpstreamImage" | "CreateRepository", repository: string) => boolean;

export interface PullThrough {
  /** The region's content for one who pulls: what a rule is for is taken in from its upstream first, as far as they may. */
  contentFor(mayDo: MayDo): RegistryContent;
}

interface Place {
  repository: string;
  upstreamRepository: string;
  rule: PullThroughRule;
  mayDo: MayDo;
}

/** A region's registry with its pull-through cache rules. */
export function openPullThrough(region: EcrRegion, parts: PullThroughParts): PullThrough {
  const { registry, pullThroughRules } = region;
  let known = { version: pullThroughRules.version(), rules: pullThroughRules.list() };
  /** One import of an image serves all who ask meanwhile. */
  const imports = new Map<string, Promise<void>>();

  /** Makes sure that the reference is here, where it can be, and who pulls may have it taken in. */
  async function provide(place: Place, reference: string): Promise<void> {
    if (!isWanted(region, place, reference, parts.now()) || !mayImport(region, place, parts.account)) return;
    const key = `${place.repository} ${reference}`;
    const running = imports.get(key) ?? importReference(region, parts, place, reference);
    imports.set(key, running);
    try {
      await running;
    } finally {
      imports.delete(key);
    }
  }

  function contentFor(mayDo: MayDo): RegistryContent {
    const version = pullThroughRules.version();
    if (known.version !== version) known = { version, rules: pullThroughRules.list() };
    const { rules } = known;
    if (rules.length === 0) return registry;
    const provided = async (repository: string, reference: string) => {
      const found = findRule(rules, repository);
      if (found !== undefined) await provide({ repository, mayDo, ...found }, reference);
    };
    return {
      ...registry,
      async manifestExists(repository, reference) {
        await provided(repository, reference);
        return registry.manifestExists(repository, reference);
      },
      async pullManifest(repository, reference) {
        await provided(repository, reference);
        return registry.pullManifest(repository, reference);
      },
    };
  }

  return { contentFor };
}

/** By digest nothing comes in but the platforms of an index: https://github.com/aws/containers-roadmap/issues/2837 */
function isWanted(region: EcrRegion, { repository }: Place, reference: string, now: Date): boolean {
  const isHere = findHere(region, repository, reference) !== undefined;
  if (isDigest(reference)) return !isHere && isInIndex(region, repository, reference);
  return !isHere || isDue(region.pulledTags.get(`${repository}:${reference}`), now);
}

function findHere({ repositories, registry }: EcrRegion, repository: string, reference: string) {
  return repositories.get(repository) && registry.manifestExists(repository, reference);
}

async function importReference(region: EcrRegion, parts: PullThroughParts, place: Place, reference: string) {
  const { rule } = place;
  const upstreamPlace = {
    registry: registryOf(rule),
    ...(rule.credentialArn !== undefined && { credentialArn: rule.credentialArn }),
  };
  try {
    await parts.upstreams.use(upstreamPlace, (upstream) => takeIn(region, parts, place, { upstream, reference }));
  } catch (error) {
    // What is here is served on when the upstream cannot be asked.
    if (findHere(region, place.repository, reference) === undefined || !(error instanceof RegistryError)) throw error;
  }
}

async function takeIn(
  region: EcrRegion,
  { account, now }: PullThroughParts,
  { repository, upstreamRepository }: Place,
  { upstream, reference }: { upstream: UpstreamRegistry; reference: string },
): Promise<void> {
  const { registry, repositories, pulledTags } = region;
  const here = findHere(region, repository, reference);
  const isSame =
    here !== undefined && (await upstream.headManifest(upstreamRepository, reference))?.digest === here.digest;
  if (!isSame) {
    const manifest = await upstream.getManifest(upstreamRepository, reference);
    if (manifest === undefined) {
      if (repositories.get(repository) === undefined) throw missing(repository, account);
      return;
    }
    if (repositories.get(repository) === undefined) repositories.put(repository, newRepository(repository, now()));
    await importImage({ registry, repository, upstream, upstreamRepository }, reference, manifest);
  }
  if (isDigest(reference)) return;
  pulledTags.put(`${repository}:${reference}`, { tag: reference, checkedAt: now().getTime() });
}

/** A tag that somebody pushed is no upstream's. */
function isDue(tag: PulledTag | undefined, now: Date): boolean {
  return tag !== undefined && now.getTime() - tag.checkedAt >= checkInterval;
}

function isInIndex({ repositories, registry }: EcrRegion, repository: string, digest: string): boolean {
  if (repositories.get(repository) === undefined) return false;
  return registry.listManifests(repository).some(({ manifests }) => manifests.some((child) => child === digest));
}

/**
 * Without a permission it is as if the upstream had nothing:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html
 */
function mayImport({ repositories }: EcrRegion, { repository, mayDo }: Place, account: string): boolean {
  const hasRepository = repositories.get(repository) !== undefined;
  // Both are asked for, so that a report of what the role lacks names them together.
  const may = [
    mayDo("BatchImportUpstreamImage", repository),
    hasRepository || mayDo("CreateRepository", repository),
  ].every(Boolean);
  if (!may && !hasRepository) throw missing(repository, account);
  return may;
}

function missing(repositoryName: string, registryId: string): RegistryError {
  return new RegistryError("NAME_UNKNOWN", { message: repositoryMissing({ repositoryName, registryId }) });
}
