import type { EcrRegion } from "./ecr-store.ts";
import { type ExpiringImage, evaluateLifecyclePolicy } from "./evaluate-lifecycle-policy.ts";
import { parseLifecyclePolicy } from "./lifecycle-policy.ts";

export function findExpiringImages({ registry }: EcrRegion, name: string, policy: string, now: Date): ExpiringImage[] {
  const rules = parseLifecyclePolicy(policy);
  return evaluateLifecyclePolicy(rules, registry.listManifests(name), registry.tagsByDigest(name), now);
}

/** Carries out the lifecycle policies of a region's repositories: images go with their tags and what refers to them. */
export function expireImages(region: EcrRegion, now: Date): void {
  const { registry, repositories } = region;
  for (const { name, lifecyclePolicyText } of repositories.list()) {
    if (lifecyclePolicyText === undefined) continue;
    for (const { record } of findExpiringImages(region, name, lifecyclePolicyText, now)) {
      for (const { digest } of registry.listReferrers(name, record.digest)) registry.deleteManifest(name, digest);
      registry.deleteManifest(name, record.digest);
    }
  }
}
