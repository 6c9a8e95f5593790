import type { SecretRecord } from "./secret.ts";

/** As DescribeSecret shows it; deprecated versions are left out. */
export function describeSecret(secret: SecretRecord) {
  return { ...describeBasics(secret), VersionIdsToStages: stagesByVersion(secret) };
}

/** As ListSecrets shows it. */
export function describeListedSecret(secret: SecretRecord) {
  return { ...describeBasics(secret), SecretVersionsToStages: stagesByVersion(secret) };
}

function describeBasics({ arn, name, description, created, lastChanged, deletion, tags }: SecretRecord) {
  return {
    ARN: arn,
    Name: name,
    ...(description !== undefined && { Description: description }),
    ...(deletion !== undefined && { DeletedDate: new Date(deletion) }),
    CreatedDate: new Date(created),
    LastChangedDate: new Date(lastChanged),
    Tags: tags,
  };
}

function stagesByVersion({ versions }: SecretRecord): Record<string, string[]> | undefined {
  const staged = versions.filter(({ stages }) => stages.length > 0);
  return Object.fromEntries(staged.map(({ id, stages }) => [id, stages]));
}
