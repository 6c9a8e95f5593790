/** A secret as it is stored; values are sealed. Times in milliseconds since 1970. */
export interface SecretRecord {
  name: string;
  arn: string;
  description?: string;
  created: number;
  lastChanged: number;
  /** When it will be gone; set while it is scheduled for deletion. */
  deletion?: number;
  tags: { Key?: string | undefined; Value?: string | undefined }[];
  versions: SecretVersionRecord[];
}

export interface SecretVersionRecord {
  id: string;
  created: number;
  stages: string[];
  sealedString?: string;
  /** Base64 before it was sealed. */
  sealedBinary?: string;
}

/** Adds a version as AWSCURRENT; the one before becomes AWSPREVIOUS. */
export function addVersion(secret: SecretRecord, version: SecretVersionRecord): void {
  const current = secret.versions.find(({ stages }) => stages.includes("AWSCURRENT"));
  for (const other of secret.versions) {
    other.stages = other.stages.filter((stage) => stage !== "AWSPREVIOUS" && stage !== "AWSCURRENT");
  }
  current?.stages.push("AWSPREVIOUS");
  secret.versions = [...secret.versions.filter(({ stages }) => stages.length > 0), version];
  secret.lastChanged = version.created;
}

export function findVersion(
  secret: SecretRecord,
  { id, stage }: { id?: string | undefined; stage?: string | undefined },
): SecretVersionRecord | undefined {
  const wanted = stage ?? (id === undefined ? "AWSCURRENT" : undefined);
  return secret.versions.find(
    (version) => (id === undefined || version.id === id) && (wanted === undefined || version.stages.includes(wanted)),
  );
}
