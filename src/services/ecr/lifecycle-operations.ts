import type * as Sdk from "@aws-sdk/client-ecr";
import { AwsError } from "../../aws-api/aws-error.ts";
import { policyNotFound } from "./ecr-errors.ts";
import type { EcrRegion } from "./ecr-store.ts";
import { findExpiringImages } from "./expire-images.ts";
import { findImage } from "./find-image.ts";
import { parseLifecyclePolicy } from "./lifecycle-policy.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import type { LifecyclePreview, RepositoryRecord } from "./repository.ts";
import { onRepository } from "./repository-permission.ts";
import { pageOf } from "./result-page.ts";

export function lifecycleOperations(room: EcrRoom): EcrOperations {
  const { account, regionOf, now } = room;
  return {
    PutLifecyclePolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const { lifecyclePolicyText = "" } = input;
        parseLifecyclePolicy(lifecyclePolicyText);
        const changed: RepositoryRecord = { ...record, lifecyclePolicyText, lifecyclePolicyChangedAt: now().getTime() };
        repositories.put(record.name, changed);
        return { registryId: account, repositoryName: record.name, lifecyclePolicyText };
      },
    },
    GetLifecyclePolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { name, lifecyclePolicyText } = regionOf(region).getRepository(input);
        if (lifecyclePolicyText === undefined) throw policyNotFound("Lifecycle", name, account);
        return { registryId: account, repositoryName: name, lifecyclePolicyText };
      },
    },
    DeleteLifecyclePolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const { lifecyclePolicyText, lifecyclePolicyChangedAt: _, ...record } = getRepository(input);
        if (lifecyclePolicyText === undefined) throw policyNotFound("Lifecycle", record.name, account);
        repositories.put(record.name, record);
        return { registryId: account, repositoryName: record.name, lifecyclePolicyText };
      },
    },
    StartLifecyclePolicyPreview: {
      permissions: onRepository,
      run: (input, { region }) => startPreview(room, regionOf(region), input),
    },
    GetLifecyclePolicyPreview: {
      permissions: onRepository,
      run: (input, { region }) => getPreview(room, regionOf(region), input),
    },
  };
}

function startPreview(room: EcrRoom, region: EcrRegion, input: Sdk.StartLifecyclePolicyPreviewCommandInput) {
  const record = region.getRepository(input);
  const policyText = input.lifecyclePolicyText ?? record.lifecyclePolicyText;
  if (policyText === undefined) throw policyNotFound("Lifecycle", record.name, room.account);
  const expiring = findExpiringImages(region, record.name, policyText, room.now());
  const results = expiring.map(({ record: { digest, pushedAt }, tags, rulePriority }) => ({
    ...{ digest, tags, pushedAt, rulePriority },
  }));
  region.lifecyclePreviews.put(record.name, { policyText, results });
  return {
    registryId: room.account,
    repositoryName: record.name,
    lifecyclePolicyText: policyText,
    status: "COMPLETE" as const,
  };
}

function getPreview(room: EcrRoom, region: EcrRegion, input: Sdk.GetLifecyclePolicyPreviewCommandInput) {
  const { name } = region.getRepository(input);
  const preview = region.lifecyclePreviews.get(name);
  if (preview === undefined) {
    throw new AwsError(
      "LifecyclePolicyPreviewNotFoundException",
      `Lifecycle policy preview does not exist for the repository with name '${name}' in the registry with id '${room.account}'`,
    );
  }
  const wanted = input.imageIds?.map((id) => findImage(region.registry, name, id)?.digest as string | undefined);
  const status = input.filter?.tagStatus ?? "ANY";
  const results = preview.results.filter(
    ({ digest, tags }) =>
      (wanted === undefined || wanted.includes(digest)) &&
      (status === "ANY" || (status === "TAGGED") === tags.length > 0),
  );
  const { page, nextToken } = pageOf(results, ({ digest }) => digest, input);
  return {
    registryId: room.account,
    repositoryName: name,
    lifecyclePolicyText: preview.policyText,
    status: "COMPLETE" as const,
    previewResults: page.map(describeResult),
    summary: { expiringImageTotalCount: preview.results.length },
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

function describeResult({
  digest,
  tags,
  pushedAt,
  rulePriority,
}: LifecyclePreview["results"][number]): Sdk.LifecyclePolicyPreviewResult {
  return {
    imageDigest: digest,
    ...(tags.length === 0 ? {} : { imageTags: tags }),
    imagePushedAt: new Date(pushedAt),
    action: { type: "EXPIRE" },
    appliedRulePriority: rulePriority,
  };
}
