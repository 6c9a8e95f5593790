import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";

/** An ECR repository as it is stored. Its images are the registry's. */
export interface RepositoryRecord {
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  imageTagMutability: Sdk.ImageTagMutability;
  mutabilityExclusions: Sdk.ImageTagMutabilityExclusionFilter[];
  scanOnPush: boolean;
  encryption: Sdk.EncryptionConfiguration;
  tags: Record<string, string>;
  policyText?: string;
  lifecyclePolicyText?: string;
  lifecyclePolicyChangedAt?: number;
}

/** What a lifecycle policy would expire. It is made at once, so that none is ever in progress. */
export interface LifecyclePreview {
  policyText: string;
  results: { digest: string; tags: string[]; pushedAt: number; rulePriority: number }[];
}

export interface RepositoryPlace {
  account: string;
  region: string;
}

export function repositoryArn({ account, region }: RepositoryPlace, name: string): string {
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

export function registryHost({ account, region }: RepositoryPlace): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

export function describeRepository(record: RepositoryRecord, place: RepositoryPlace): Sdk.Repository {
  return {
    repositoryArn: repositoryArn(place, record.name),
    registryId: place.account,
    repositoryName: record.name,
    repositoryUri: `${registryHost(place)}/${record.name}`,
    createdAt: new Date(record.createdAt),
    imageTagMutability: record.imageTagMutability,
    ...(record.mutabilityExclusions.length === 0
      ? {}
      : { imageTagMutabilityExclusionFilters: record.mutabilityExclusions }),
    imageScanningConfiguration: { scanOnPush: record.scanOnPush },
    encryptionConfiguration: record.encryption,
  };
}

/** With ECR's defaults. */
export function newRepository(name: string, createdAt: Date): RepositoryRecord {
  return {
    name,
    createdAt: createdAt.getTime(),
    imageTagMutability: "MUTABLE",
    mutabilityExclusions: [],
    scanOnPush: false,
    encryption: { encryptionType: "AES256" },
    tags: {},
  };
}

const nameShape = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
const nameExpression = new RegExp(`^${nameShape}$`);

export function checkRepositoryName(name: string): void {
  const constraint =
    name.length < 2
      ? "Member must have length greater than or equal to 2"
      : name.length > 256
        ? "Member must have length less than or equal to 256"
        : nameExpression.test(name)
          ? undefined
          : `must satisfy regular expression '${nameShape}'`;
  if (constraint === undefined) return;
  const message = `Invalid parameter at 'repositoryName' failed to satisfy constraint: '${constraint}'`;
  throw new AwsError("InvalidParameterException", message);
}

/** Whether `tag` may be moved to another image. A filter such as `latest*` turns the repository's rule around. */
export function isTagMutable(record: RepositoryRecord, tag: string): boolean {
  const isExcluded = record.mutabilityExclusions.some(({ filter = "" }) => wildcardExpression(filter).test(tag));
  switch (record.imageTagMutability) {
    case "IMMUTABLE":
      return false;
    case "IMMUTABLE_WITH_EXCLUSION":
      return isExcluded;
    case "MUTABLE_WITH_EXCLUSION":
      return !isExcluded;
    default:
      return true;
  }
}

/** `*` stands for any characters. */
export function wildcardExpression(filter: string): RegExp {
  const parts = filter.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`);
}
