import type { Digest } from "../../oci/digest.ts";
import type { ManifestRecord } from "../../registry/repository-records.ts";
import type { LifecycleRule } from "./lifecycle-policy.ts";
import { wildcardExpression } from "./repository.ts";

export interface ExpiringImage {
  record: ManifestRecord;
  tags: string[];
  /** Of the rule that expires it. */
  rulePriority: number;
}

const millisecondsOfDay = 24 * 3600 * 1000;

/**
 * Which images a policy expires, as AWS tells it: every rule looks at all images; an image that meets the tag
 * requirements of a rule is left alone by those of lower priority; one that an index names stays while the index does.
 * Artifacts with a subject follow it and are not looked at.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function evaluateLifecyclePolicy(
  rules: readonly LifecycleRule[],
  records: readonly ManifestRecord[],
  tagsByDigest: ReadonlyMap<Digest, string[]>,
  now: Date,
): ExpiringImage[] {
  const digests = new Set(records.map(({ digest }) => digest));
  const named = new Set(records.flatMap(({ manifests }) => manifests));
  const images = records
    .filter(({ subject }) => subject === undefined || !digests.has(subject))
    .map((record) => ({ record, tags: tagsByDigest.get(record.digest) ?? [] }))
    .sort((one, other) => other.record.pushedAt - one.record.pushedAt);
  const taken = new Set<Digest>();
  return rules.flatMap((rule) => {
    const selected = images.filter(({ tags }) => isSelected(rule, tags));
    const expiring = selected.filter(
      ({ record }, position) =>
        isExpired(rule, record, position, now) && !taken.has(record.digest) && !named.has(record.digest),
    );
    for (const { record } of selected) taken.add(record.digest);
    return expiring.map((image) => ({ ...image, rulePriority: rule.rulePriority }));
  });
}

function isSelected({ tagStatus, tagPrefixes, tagPatterns }: LifecycleRule, tags: readonly string[]): boolean {
  if (tagStatus === "any") return true;
  if (tagStatus === "untagged") return tags.length === 0;
  return (
    tagPrefixes.every((prefix) => tags.some((tag) => tag.startsWith(prefix))) &&
    tagPatterns.every((pattern) => tags.some((tag) => wildcardExpression(pattern).test(tag)))
  );
}

/** `position` is that among the rule's images, the youngest first. */
function isExpired(
  { countType, countNumber }: LifecycleRule,
  { pushedAt }: ManifestRecord,
  position: number,
  now: Date,
): boolean {
  if (countType === "imageCountMoreThan") return position >= countNumber;
  return now.getTime() - pushedAt > countNumber * millisecondsOfDay;
}
