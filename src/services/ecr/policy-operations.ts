import { AwsError } from "../../aws-api/aws-error.ts";
import { invalidParameter } from "./ecr-errors.ts";
import type { EcrOperations, EcrRoom } from "./operations.ts";
import type { RepositoryRecord } from "./repository.ts";
import { onRepository } from "./repository-permission.ts";

/** Policies of repositories, as text: kept and given back. */
export function policyOperations(room: EcrRoom): EcrOperations {
  const { account, regionOf, now } = room;
  return {
    SetRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const policyText = readPolicy(input.policyText, "PolicyText");
        repositories.put(record.name, { ...record, policyText });
        return { registryId: account, repositoryName: record.name, policyText };
      },
    },
    GetRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { name, policyText } = regionOf(region).getRepository(input);
        if (policyText === undefined) throw policyNotFound("Repository", name, account);
        return { registryId: account, repositoryName: name, policyText };
      },
    },
    DeleteRepositoryPolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const { policyText, ...record } = getRepository(input);
        if (policyText === undefined) throw policyNotFound("Repository", record.name, account);
        repositories.put(record.name, record);
        return { registryId: account, repositoryName: record.name, policyText };
      },
    },
    PutLifecyclePolicy: {
      permissions: onRepository,
      run(input, { region }) {
        const { repositories, getRepository } = regionOf(region);
        const record = getRepository(input);
        const lifecyclePolicyText = readPolicy(input.lifecyclePolicyText, "LifecyclePolicyText");
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
  };
}

function readPolicy(text: string | undefined, member: string): string {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null) return text ?? "";
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw invalidParameter(
    `Invalid parameter at '${member}' failed to satisfy constraint: 'Invalid ${member === "PolicyText" ? "repository" : "lifecycle"} policy provided'`,
  );
}

function policyNotFound(kind: "Repository" | "Lifecycle", name: string, account: string): AwsError {
  return new AwsError(
    `${kind}PolicyNotFoundException`,
    `${kind} policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );
}
