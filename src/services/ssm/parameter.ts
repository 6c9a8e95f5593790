export type ParameterType = "String" | "StringList" | "SecureString";
export type ParameterTier = "Standard" | "Advanced";

/** A parameter as it is stored; values are sealed. Times in milliseconds since 1970. */
export interface ParameterRecord {
  /** As it was given: with its slashes. */
  name: string;
  arn: string;
  region: string;
  tags: { Key?: string | undefined; Value?: string | undefined }[];
  /** Oldest first; never empty. */
  versions: ParameterVersionRecord[];
}

export interface ParameterVersionRecord {
  version: number;
  type: ParameterType;
  sealedValue: string;
  /** Only for a SecureString. */
  keyId?: string;
  description?: string;
  allowedPattern?: string;
  tier: ParameterTier;
  dataType: string;
  labels: string[];
  modified: number;
  modifiedBy: string;
}

export function newestVersion({ versions }: ParameterRecord): ParameterVersionRecord {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error("a parameter has a version");
  return newest;
}

/** `3` is a version, anything else a label; without a selector it is the newest. */
export function findVersion(
  parameter: ParameterRecord,
  selector: string | undefined,
): ParameterVersionRecord | undefined {
  if (selector === undefined) return newestVersion(parameter);
  const isNumber = /^\d+$/.test(selector);
  return parameter.versions.find(({ version, labels }) =>
    isNumber ? version === Number(selector) : labels.includes(selector),
  );
}
