import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";
import { repositoryNotFound } from "./ecr-errors.ts";
import type { EcrRegion } from "./ecr-store.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import {
  checkRepositoryName,
  describeRepository,
  newRepository,
  type RepositoryRecord,
  repositoryArn,
} from "./repository.ts";
import { onRepository, onResource } from "./repository-permission.ts";
import { pageOf } from "./result-page.ts";

export function repositoryOperations(room: EcrRoom): EcrOperations {
  const { account, regionOf } = room;
  return {
    CreateRepository: {
      permissions: onRepository,
      run: (input, { region }) => ({ repository: createRepository(room, regionOf(region), input) }),
    },
    DescribeRepositories: {
      permissions: (input, context) =>
        (input.repositoryNames ?? ["*"]).flatMap((repositoryName) =>
          onRepository({ ...input, repositoryName }, context),
        ),
      run(input, { region }) {
        const records = findRepositories(regionOf(region), account, input);
        const { page, nextToken } = pageOf(records, ({ name }) => name, input);
        const repositories = page.map((record) => describeRepository(record, { account, region }));
        return { repositories, ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    DeleteRepository: {
      permissions: onRepository,
      run: (input, { region }) => ({ repository: deleteRepository(room, regionOf(region), input) }),
    },
    PutImageTagMutability: {
      permissions: onRepository,
      run(input, { region }) {
        const { imageTagMutability, imageTagMutabilityExclusionFilters: exclusions = [] } = input;
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const mutabilityExclusions = exclusions;
        repositories.put(record.name, {
          ...record,
          imageTagMutability: imageTagMutability ?? "MUTABLE",
          mutabilityExclusions,
        });
        return {
          registryId: account,
          repositoryName: record.name,
          imageTagMutability,
          ...(exclusions.length === 0 ? {} : { imageTagMutabilityExclusionFilters: exclusions }),
        };
      },
    },
    PutImageScanningConfiguration: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
        repositories.put(record.name, { ...record, scanOnPush });
        return { registryId: account, repositoryName: record.name, imageScanningConfiguration: { scanOnPush } };
      },
    },
    ListTagsForResource: {
      permissions: onResource,
      run({ resourceArn }, { region }) {
        const { tags } = getByArn(room, region, resourceArn);
        return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
    TagResource: {
      permissions: onResource,
      run({ resourceArn, tags }, { region }) {
        const record = getByArn(room, region, resourceArn);
        regionOf(region).repositories.put(record.name, { ...record, tags: { ...record.tags, ...readTags(tags) } });
        return {};
      },
    },
    UntagResource: {
      permissions: onResource,
      run({ resourceArn, tagKeys = [] }, { region }) {
        const record = getByArn(room, region, resourceArn);
        const tags = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !tagKeys.includes(key)));
        regionOf(region).repositories.put(record.name, { ...record, tags });
        return {};
      },
    },
  };
}

function createRepository(
  { account, now }: EcrRoom,
  { repositories, region }: EcrRegion,
  input: Sdk.CreateRepositoryCommandInput,
): Sdk.Repository {
  const { repositoryName: name = "" } = input;
  checkRepositoryName(name);
  if (repositories.get(name) !== undefined) {
    throw new AwsError(
      "RepositoryAlreadyExistsException",
      `The repository with name '${name}' already exists in the registry with id '${account}'`,
    );
  }
  const defaults = newRepository(name, now());
  const record: RepositoryRecord = {
    ...defaults,
    imageTagMutability: input.imageTagMutability ?? defaults.imageTagMutability,
    mutabilityExclusions: input.imageTagMutabilityExclusionFilters ?? [],
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? defaults.scanOnPush,
    encryption: input.encryptionConfiguration ?? defaults.encryption,
    tags: readTags(input.tags),
  };
  repositories.put(name, record);
  return describeRepository(record, { account, region });
}

function deleteRepository(
  { account, store }: EcrRoom,
  { region, repositories, lifecyclePreviews, pulledTags, registry, getRepository }: EcrRegion,
  input: Sdk.DeleteRepositoryCommandInput,
): Sdk.Repository {
  const record = getRepository(input);
  if (input.force !== true && registry.listManifests(record.name).length > 0) {
    throw new AwsError(
      "RepositoryNotEmptyException",
      `The repository with name '${record.name}' in registry with id '${account}' cannot be deleted because it still contains images`,
    );
  }
  store.transaction(() => {
    registry.deleteRepository(record.name);
    repositories.delete(record.name);
    lifecyclePreviews.delete(record.name);
    for (const { tag } of pulledTags.list(`${record.name}:`)) pulledTags.delete(`${record.name}:${tag}`);
  });
  return describeRepository(record, { account, region });
}

function findRepositories(
  { repositories, getRepository }: EcrRegion,
  account: string,
  { repositoryNames, registryId }: Sdk.DescribeRepositoriesCommandInput,
): RepositoryRecord[] {
  if (repositoryNames !== undefined) {
    return repositoryNames.map((repositoryName) => getRepository({ repositoryName, registryId }));
  }
  return registryId === undefined || registryId === account ? repositories.list() : [];
}

function getByArn({ account, regionOf }: EcrRoom, region: string, arn = ""): RepositoryRecord {
  const prefix = repositoryArn({ account, region }, "");
  const repositoryName = arn.startsWith(prefix) ? arn.slice(prefix.length) : arn;
  const record = regionOf(region).repositories.get(repositoryName);
  if (record === undefined) throw repositoryNotFound({ repositoryName, registryId: account });
  return record;
}

function readTags(tags: Sdk.Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
