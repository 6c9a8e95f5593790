import type * as Sdk from "@aws-sdk/client-ecr";
import type { ManifestRecord } from "../../registry/repository-records.ts";
import { imageNotFound } from "./ecr-errors.ts";
import type { EcrRegion } from "./ecr-store.ts";
import { findImage } from "./find-image.ts";
import { pageOf } from "./result-page.ts";

type Page<Member extends string, Item> = Record<Member, Item[]> & { nextToken?: string };

export function describeImages(
  { registry, getRepository }: EcrRegion,
  account: string,
  input: Sdk.DescribeImagesCommandInput,
): Page<"imageDetails", Sdk.ImageDetail> {
  const { name } = getRepository(input);
  const tags = registry.tagsByDigest(name);
  const place = { repositoryName: name, registryId: account };
  const records = input.imageIds?.map((id) => {
    const record = findImage(registry, name, id);
    if (record === undefined) throw imageNotFound(id, place);
    return record;
  });
  const all = records ?? registry.listManifests(name).filter(({ digest }) => hasStatus(input, tags.has(digest)));
  const { page, nextToken } = pageOf(all, ({ digest }) => digest, input);
  const imageDetails = page.map((record) => ({ ...place, ...describeImage(record, tags.get(record.digest)) }));
  return { imageDetails, ...(nextToken === undefined ? {} : { nextToken }) };
}

/** One entry a tag, and one for each image without a tag. */
export function listImages(
  { registry, getRepository }: EcrRegion,
  input: Sdk.ListImagesCommandInput,
): Page<"imageIds", Sdk.ImageIdentifier> {
  const { name } = getRepository(input);
  const tags = registry.tagsByDigest(name);
  const ids: Sdk.ImageIdentifier[] = registry.listManifests(name).flatMap(({ digest: imageDigest }) => {
    const imageTags = tags.get(imageDigest);
    if (!hasStatus(input, imageTags !== undefined)) return [];
    return imageTags?.map((imageTag) => ({ imageDigest, imageTag })) ?? [{ imageDigest }];
  });
  const { page, nextToken } = pageOf(ids, ({ imageDigest, imageTag }) => `${imageDigest} ${imageTag}`, input);
  return { imageIds: page, ...(nextToken === undefined ? {} : { nextToken }) };
}

function hasStatus({ filter }: { filter?: { tagStatus?: Sdk.TagStatus | undefined } | undefined }, isTagged: boolean) {
  const status = filter?.tagStatus ?? "ANY";
  return status === "ANY" || (status === "TAGGED") === isTagged;
}

function describeImage(record: ManifestRecord, imageTags: string[] | undefined): Sdk.ImageDetail {
  return {
    imageDigest: record.digest,
    ...(imageTags === undefined ? {} : { imageTags }),
    imageSizeInBytes: record.imageSize,
    imagePushedAt: new Date(record.pushedAt),
    imageManifestMediaType: record.mediaType,
    ...(record.artifactType === undefined ? {} : { artifactMediaType: record.artifactType }),
    ...(record.lastPulledAt === undefined ? {} : { lastRecordedPullTime: new Date(record.lastPulledAt) }),
    ...(record.subject === undefined ? {} : { subjectManifestDigest: record.subject }),
  };
}
