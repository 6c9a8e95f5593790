/** A secret as it is stored; values are sealed. Times in milliseconds since 1970. */
export interface SecretRecord {
  name: string;
  arn: string;
  region: string;
  description?: string;
  created: number;
  lastChanged: number;
  /** When it will be gone; set while it is scheduled for deletion. */
  deletion?: number;
  tags: { Key?: string | undefined; Value?: string | undefined }[];
  /** Oldest first. */
  versions: SecretVersionRecord[];
}

export interface SecretVersionRecord {
  id: string;
  created: number;
  /** Empty for one that is deprecated. */
  stages: string[];
  sealedString?: string;
  /** Base64 before it was sealed. */
  sealedBinary?: string;
}

/** AWS begins to remove deprecated versions beyond that. */
const mostVersions = 100;

export function addVersion(secret: SecretRecord, version: Omit<SecretVersionRecord, "stages">, stages: string[]): void {
  const added: SecretVersionRecord = { ...version, stages: [] };
  secret.versions.push(added);
  for (const stage of stages) moveStage(secret, stage, added);
  secret.lastChanged = version.created;
  while (secret.versions.length > mostVersions) {
    const oldest = secret.versions.findIndex((other) => other.stages.length === 0);
    if (oldest < 0) return;
    secret.versions.splice(oldest, 1);
  }
}

/** A stage is at one version at most; the version that AWSCURRENT leaves becomes AWSPREVIOUS. */
export function moveStage(secret: SecretRecord, stage: string, target: SecretVersionRecord | undefined): void {
  const holder = secret.versions.find(({ stages }) => stages.includes(stage));
  if (holder === target) return;
  if (holder !== undefined) holder.stages = holder.stages.filter((other) => other !== stage);
  target?.stages.push(stage);
  if (stage === "AWSCURRENT" && holder !== undefined) moveStage(secret, "AWSPREVIOUS", holder);
}

/** By ID, by stage, or by both; AWSCURRENT where neither is given. */
export function findVersion(
  { versions }: SecretRecord,
  { id, stage }: { id?: string | undefined; stage?: string | undefined },
): SecretVersionRecord | undefined {
  const wanted = stage ?? (id === undefined ? "AWSCURRENT" : undefined);
  return versions.find(
    (version) => (id === undefined || version.id === id) && (wanted === undefined || version.stages.includes(wanted)),
  );
}
